// Numbers in mapped memory that one thread or process stores and others load: whoever sees the number
// sees all that was stored before it. Every offset is checked, so that none leaves the map.

internal import CRecallSystem

extension DiskMap {
    /// Stores a number in the machine's byte order.
    /// - Parameter offset: a multiple of 8, at least 8 bytes before the map's end.
    /// - Returns: whether the offset was one that the map has.
    package func storeRelease(_ value: UInt64, at offset: Int) -> Bool {
        guard hasWord(at: offset) else { return false }
        recall_store_release_u64(base + offset, value)
        return true
    }

    /// Loads a number that `storeRelease` stored.
    /// - Parameter offset: a multiple of 8, at least 8 bytes before the map's end.
    /// - Returns: nil where the map has no such offset.
    package func loadAcquire(at offset: Int) -> UInt64? {
        guard hasWord(at: offset) else { return nil }
        return recall_load_acquire_u64(base + offset)
    }

    private func hasWord(at offset: Int) -> Bool {
        offset >= 0 && offset % 8 == 0 && count >= 8 && offset <= count - 8
    }
}
