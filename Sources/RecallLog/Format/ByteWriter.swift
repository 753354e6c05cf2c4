// Writes the elements of the format into one growing piece of memory that is kept for the next group,
// so that the writer allocates nothing for an event. The counterpart of ByteReader.

/// Memory that bytes are appended to, owned by one writer.
package struct ByteWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Forgets the bytes and keeps the memory, unless it grew beyond `capacityMax`.
    package mutating func removeAll(keepingCapacityUpTo capacityMax: Int = .max) {
        count = 0
        guard capacity > capacityMax else { return }
        base.deallocate()
        capacity = max(capacityMax, 64)
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    package mutating func reserve(_ additional: Int) {
        guard capacity - count < additional else { return }
        let grown = max(capacity * 2, count + additional)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = memory
        capacity = grown
    }

    package mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
        count += MemoryLayout<T>.size
    }

    @inline(__always)
    package mutating func byte(_ value: UInt8) {
        reserve(1)
        base.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    package mutating func varint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            count += 1
            rest >>= 7
        }
        base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
        count += 1
    }

    package mutating func varint(_ value: Int) { varint(UInt64(value)) }

    package mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    package mutating func bytes(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count > 0 else { return }
        reserve(source.count)
        (base + count).copyMemory(from: start, byteCount: source.count)
        count += source.count
    }

    package mutating func bytes(_ source: RawSpan) {
        source.withUnsafeBytes { bytes($0) }
    }

    package mutating func string(_ text: String) {
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            varint(utf8.count)
            bytes(UnsafeRawBufferPointer(utf8))
        }
        if isWritten != nil { return }
        // A string of another system's, which has to be copied to be seen.
        var copy = text
        copy.withUTF8 { utf8 in
            varint(utf8.count)
            bytes(UnsafeRawBufferPointer(utf8))
        }
    }

    package mutating func identifier(_ value: RawIdentifier) {
        integer(value.high.byteSwapped)
        integer(value.low.byteSwapped)
    }

    /// Fills up with zeros to `size` bytes.
    package mutating func pad(to size: Int) {
        guard size > count else { return }
        reserve(size - count)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: size - count)
        count = size
    }

    /// Overwrites four bytes that were written before.
    package mutating func replace(_ value: UInt32, at offset: Int) {
        guard offset >= 0, offset + 4 <= count else { return }
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Lends the bytes written so far.
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The span lives no longer than this call, during which the memory is borrowed.
        try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// Lends room for up to `sizeMax` bytes behind what is written; as many as the body says it filled are kept.
    package mutating func append<Failure: Error>(
        upTo sizeMax: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        reserve(sizeMax)
        let filled = try body(UnsafeMutableRawBufferPointer(start: base + count, count: sizeMax))
        count += min(max(filled, 0), sizeMax)
        return filled
    }
}
