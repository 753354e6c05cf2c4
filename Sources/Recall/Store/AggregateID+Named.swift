// Aggregate ids that follow from a name, so that whoever has the name finds the aggregate, and two cannot have the same. UUIDs of version 8 (RFC
// 9562, section 5.8): 122 bits of a SHA-256 over the type and the name.

extension AggregateID {
    /// The identity that belongs to a name among all aggregates of a type: the same in each program and each time. What must be unique, such as
    /// an e-mail address, is the name of an aggregate of its own, which only one can create.
    ///
    /// Names count to the byte: bring them into one form before, such as lower case.
    public init(of type: AggregateType, named name: String) {
        let typeBytes = Array(type.rawValue.utf8)
        var bytes = Array("recall name".utf8)
        // So that no end of the type is taken for the beginning of the name.
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: UInt64(typeBytes.count) >> UInt64(shift)))
        }
        bytes += typeBytes
        bytes += Array(name.utf8)
        self.init(versionEightOf: SHA256.hash(bytes))
    }
}

extension Identifier {
    /// A UUID of version 8 with the first bits of a hash.
    init(versionEightOf hash: [UInt32]) {
        let first = UInt64(hash[0]) << 32 | UInt64(hash[1])
        let second = UInt64(hash[2]) << 32 | UInt64(hash[3])
        self.init(high: first & ~0xF000 | 0x8000, low: second & ~(0b11 << 62) | 0b10 << 62)
    }
}
