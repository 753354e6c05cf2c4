// The probe of snapshots in Memcached: what is taken for a snapshot is just what the store writes for it.

public import Foundation
internal import Recall
internal import RecallMemcached
internal import RecallProbes

extension AdapterProbe {
    /// Reads bytes as an item's value.
    ///
    /// Checked: what is taken for a snapshot is of the aggregate that was asked for, and of no other; encoded again it is the same
    /// bytes; parts make up a payload that is not larger than allowed, without a gap, and are no more than that is worth.
    /// - Parameter input: the mode (0 leaves the bytes as they are, all others make the checksum hold), then the value.
    /// - Returns: 1 where the value is a snapshot, else 0.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func memcachedSnapshot(_ input: Data) throws -> Int {
        guard let mode = input.first else { return 0 }
        var value = Data(input.dropFirst())
        guard value.count >= SnapshotValue.headerSize else {
            let found = SnapshotValue(
                decoding: value, of: AggregateID(), payloadBytesMax: payloadBytesMax)
            try require(found == nil, "a value without a header is taken for a snapshot")
            return 0
        }
        if mode != 0 {
            let checksum = value.withUnsafeBytes { SnapshotValue.checksum($0) }
            withUnsafeBytes(of: checksum.littleEndian) { value.replaceSubrange(8 ..< 12, with: $0) }
        }
        var identity: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &identity) { $0.copyBytes(from: value[12 ..< 28]) }
        let id = AggregateID(UUID(uuid: identity))
        identity.15 ^= 1
        let other = SnapshotValue(
            decoding: value, of: AggregateID(UUID(uuid: identity)), payloadBytesMax: payloadBytesMax)
        try require(other == nil, "a snapshot of another aggregate is taken")
        guard let found = SnapshotValue(decoding: value, of: id, payloadBytesMax: payloadBytesMax) else {
            return 0
        }
        try require(found.encoded() == value, "a snapshot is written in other bytes than it was read from")
        // As a part of other bytes, whose indices do not begin at 0.
        let slice = (Data([7, 7, 7]) + value).dropFirst(3)
        let again = SnapshotValue(decoding: slice, of: id, payloadBytesMax: payloadBytesMax)
        try require(again == found, "a slice is read as something else")
        if let parts = found.parts { try check(parts, of: found, value) }
        return 1
    }

    private static let payloadBytesMax = 8 << 20

    private static func check(
        _ parts: SnapshotValue.Parts, of found: SnapshotValue, _ value: Data
    ) throws {
        try require(
            found.snapshot.payload.isEmpty && (0 ... payloadBytesMax).contains(parts.payloadSize),
            "a divided payload has \(parts.payloadSize) bytes")
        try require(
            parts.count <= payloadBytesMax / 1024 + 1, "a payload is divided into \(parts.count) parts")
        var end = 0
        for index in 0 ..< parts.count {
            let range = parts.range(index)
            try require(range.lowerBound == end && !range.isEmpty, "part \(index) is \(range)")
            end = range.upperBound
        }
        try require(end == parts.payloadSize, "the parts end at \(end) of \(parts.payloadSize)")
        guard parts.payloadSize > 0 else { return }
        let tooLarge = SnapshotValue(
            decoding: value, of: found.snapshot.aggregateID, payloadBytesMax: parts.payloadSize - 1)
        try require(tooLarge == nil, "a payload is taken that is larger than allowed")
    }
}
