// What a reader makes of events, the same for every store: it touches each byte, and the sum shows that all stores
// gave the same. Cheap on purpose, about as much as a copy, since it is part of every reading row.

/// A sum over payloads, which does not depend on their order, and whether their versions were in order.
package struct PayloadSum: Equatable {
    package var count = 0
    package var byteCount = 0
    package var words: UInt64 = 0
    package var isInOrder = true
    private var lastVersion: UInt64 = 0

    package init() {}

    /// Adds a payload.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += 1
        byteCount += bytes.count
        var sum: UInt64 = 0
        var offset = 0
        while offset + 8 <= bytes.count {
            sum &+= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < bytes.count {
            sum &+= UInt64(bytes[offset])
            offset += 1
        }
        words &+= sum
    }

    /// Adds the payload of an aggregate's next event.
    package mutating func add(version: UInt64, _ bytes: UnsafeRawBufferPointer) {
        if version != lastVersion + 1 { isInOrder = false }
        lastVersion = version
        add(bytes)
    }
}
