// What a reader makes of events, the same for every store: it touches each byte, and the sum shows that all stores
// gave the same. Cheap on purpose, about as much as a copy, since it is part of every reading row.

/// A sum over payloads, which does not depend on their order, and whether their versions were in order.
@frozen
package struct PayloadSum: Equatable {
    package var count = 0
    package var byteCount = 0
    package var words: UInt64 = 0
    package var isInOrder = true
    @usableFromInline package var lastVersion: UInt64 = 0

    @inlinable
    package init() {}

    /// Adds a payload.
    @inlinable @inline(__always)
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += 1
        byteCount += bytes.count
        guard var next = bytes.baseAddress else { return }
        let end = next + bytes.count
        var sum: UInt64 = 0
        while next + 8 <= end {
            sum &+= next.loadUnaligned(as: UInt64.self)
            next += 8
        }
        while next < end {
            sum &+= UInt64(next.load(as: UInt8.self))
            next += 1
        }
        words &+= sum
    }

    /// Adds the payload of an aggregate's next event.
    @inlinable @inline(__always)
    package mutating func add(version: UInt64, _ bytes: UnsafeRawBufferPointer) {
        if version != lastVersion + 1 { isInOrder = false }
        lastVersion = version
        add(bytes)
    }
}
