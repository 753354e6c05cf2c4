// Event ids that follow from a key, so that a command which comes again gives its events the ids that they had. UUIDs of version 8 (RFC
// 9562, section 5.8): the first 122 bits of a SHA-256 over the aggregate, the number of the event in its commit and the key.
//
// They are not ordered by time, so that a log looks for them in all of its files: a little more work for an append.

extension EventID {
    /// The identity of an event of a command that a key stands for.
    /// - Parameters:
    ///   - key: what is the same for each delivery of the command, to the byte.
    ///   - aggregateID: the root that the command is for.
    ///   - index: the event's place among those of the command, from 0.
    init(idempotencyKey key: String, aggregateID: AggregateID, index: Int) {
        let (high, low) = aggregateID.halves
        var bytes = Array("recall command".utf8)
        for number in [high, low, UInt64(index)] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        bytes += Array(key.utf8)
        self.init(versionEightOf: SHA256.hash(bytes))
    }
}
