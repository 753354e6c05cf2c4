// Which blocks of a mapped index have been checked: a bit for each, so that every checksum is computed
// once, when its block is first looked at, whoever looks.

internal import CRecallSystem

/// A set of block numbers that only grows, for all threads.
///
/// Two threads that add at the same moment may lose one of the two: then a block is checked twice.
final class VerifiedBlocks: Sendable {
    // Words are loaded and stored whole, by the atomic operations of C.
    private nonisolated(unsafe) let words: UnsafeMutablePointer<UInt64>
    private let wordCount: Int

    init(blockCount: Int) {
        wordCount = (max(blockCount, 1) + 63) / 64
        words = .allocate(capacity: wordCount)
        words.initialize(repeating: 0, count: wordCount)
    }

    deinit { words.deallocate() }

    /// - Parameter block: below the count of blocks.
    @inline(__always)
    func contains(_ block: Int) -> Bool {
        recall_load_acquire_u64(words + block >> 6) >> UInt64(block & 63) & 1 != 0
    }

    func insert(_ block: Int) {
        let word = words + block >> 6
        recall_store_release_u64(word, recall_load_acquire_u64(word) | 1 << UInt64(block & 63))
    }

    var count: Int {
        (0 ..< wordCount).reduce(0) { $0 + recall_load_acquire_u64(words + $1).nonzeroBitCount }
    }
}
