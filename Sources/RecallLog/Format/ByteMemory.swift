// Bytes that are gathered, read and dropped together, in memory that is kept. It grows by doubling, so what was lent
// before an `append` is not valid behind it.

/// Bytes in memory that is used again and again by one owner.
package struct ByteMemory: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int) {
        self.capacity = max(64, capacity)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// All bytes: valid until the next change, and as long as this memory lives.
    @inline(__always)
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    @inline(__always)
    package mutating func removeAll() { count = 0 }

    /// Copies bytes behind those that are there.
    /// - Returns: where they are.
    @inline(__always)
    package mutating func append(_ bytes: RawSpan) -> Range<Int> {
        let start = count
        let end = start + bytes.byteCount
        if end > capacity { grow(to: end) }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: base + start, count: source.count).copyMemory(from: source)
        }
        count = end
        return start ..< end
    }

    @inline(never)
    private mutating func grow(to size: Int) {
        let newCapacity = max(2 * capacity, size)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = newCapacity
    }
}
