// Numbers in the bytes of an index, little-endian and at any place. Whoever asks has seen to it that the
// bytes are there.

extension UInt32 {
    @inline(__always)
    init(at bytes: UnsafeRawPointer) {
        self.init(littleEndian: bytes.loadUnaligned(as: UInt32.self))
    }
}

extension UInt64 {
    @inline(__always)
    init(at bytes: UnsafeRawPointer) {
        self.init(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    }
}

extension RawIdentifier {
    /// In the order of a UUID's text.
    @inline(__always)
    init(at bytes: UnsafeRawPointer) {
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    func store(_ value: UInt32, at offset: Int = 0) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    func store(_ value: UInt64, at offset: Int = 0) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// In the order of a UUID's text.
    @inline(__always)
    func store(_ value: RawIdentifier, at offset: Int = 0) {
        storeBytes(of: value.high.bigEndian, toByteOffset: offset, as: UInt64.self)
        storeBytes(of: value.low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    }
}
