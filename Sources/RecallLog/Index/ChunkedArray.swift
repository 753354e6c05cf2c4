// A list that grows by pieces: nothing that is in it ever moves, so that no single append waits for
// millions of entries to be copied, and no more than one piece is reserved and not used.

/// Elements in pieces of constant size.
struct ChunkedArray<Element: BitwiseCopyable & Sendable>: Sendable {
    private static var shift: Int { 12 }
    private static var mask: Int { (1 << shift) - 1 }

    private var chunks: [ContiguousArray<Element>] = []
    private(set) var count = 0

    init() {}

    @inline(__always)
    subscript(index: Int) -> Element {
        get { chunks[index >> Self.shift][index & Self.mask] }
        set { chunks[index >> Self.shift][index & Self.mask] = newValue }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count & Self.mask == 0 { addChunk() }
        chunks[count >> Self.shift].append(element)
        count += 1
    }

    private mutating func addChunk() {
        var chunk = ContiguousArray<Element>()
        // The first one grows as arrays do: most indexes of a small store stay far below a piece.
        if count > 0 { chunk.reserveCapacity(1 << Self.shift) }
        chunks.append(chunk)
    }

    /// Of what is reserved, in bytes.
    var byteCount: Int { chunks.reduce(0) { $0 + $1.capacity * MemoryLayout<Element>.stride } }
}
