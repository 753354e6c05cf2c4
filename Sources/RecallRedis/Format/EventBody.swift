// An event as bytes in one field of the server's stream: all of it but its position, version and time, which stand in
// fields beside. docs/redis.md has the layout.
//
// Invariants: one event has one encoding, so that two bodies are the same event exactly when their bytes are equal,
// which is how the server's script tells a repetition from another event. The last eight bytes are the beginning of the
// SHA-256 of those before them, so that what nobody wrote is not taken for an event.

internal import COpenSSL
package import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The encoding of events.
package enum EventBody {
    /// The first byte of every body.
    package static let version: UInt8 = 1
    package static let checksumBytesCount = 8

    package static func encode(_ event: NewEvent) -> [UInt8] {
        var bytes: [UInt8] = [version]
        bytes.reserveCapacity(event.payload.count + 160)
        bytes.append(identity: event.id)
        bytes.append(identity: event.aggregateID)
        bytes.append(identity: event.rootID)
        bytes.append(varint: UInt64(event.schemaVersion))
        bytes.append(text: event.type.rawValue)
        bytes.append(text: event.aggregateType.rawValue)
        bytes.append(text: event.contentType.rawValue)
        bytes.append(varint: UInt64(event.tags.count))
        for tag in event.tags { bytes.append(text: tag.rawValue) }
        let metadata = event.metadata.sorted
        bytes.append(varint: UInt64(metadata.count))
        for (key, value) in metadata {
            bytes.append(text: key.rawValue)
            bytes.append(text: value)
        }
        bytes.append(varint: UInt64(event.payload.count))
        bytes.append(contentsOf: event.payload)
        bytes.append(contentsOf: checksum(bytes[...]))
        return bytes
    }

    /// The event that a body holds; nil where the bytes are not what `encode` makes.
    package static func decode(_ bytes: [UInt8], position: Position, version: Version, time: Timestamp)
        -> RecordedEvent?
    {
        guard bytes.count > checksumBytesCount, bytes[0] == EventBody.version else { return nil }
        let content = bytes.dropLast(checksumBytesCount)
        guard checksum(content).elementsEqual(bytes.suffix(checksumBytesCount)) else { return nil }
        var reader = BodyReader(content.dropFirst())
        guard let id: EventID = reader.identity(), let aggregateID: AggregateID = reader.identity(),
            let rootID: AggregateID = reader.identity(), let schema = reader.varint(),
            let schemaVersion = UInt32(exactly: schema), schemaVersion > 0, let type = reader.text(),
            let aggregateType = reader.text(), let contentType = reader.text(), let tagCount = reader.varint()
        else { return nil }
        // Nothing is allocated for a count: each tag must be there first.
        var tags: [EventTag] = []
        for _ in 0 ..< tagCount {
            guard let tag = reader.text() else { return nil }
            tags.append(EventTag(tag))
        }
        guard let metadataCount = reader.varint() else { return nil }
        var metadata = EventMetadata()
        var previous: String?
        for _ in 0 ..< metadataCount {
            guard let key = reader.text(), let value = reader.text(), metadata[key] == nil,
                previous?.utf8.lexicographicallyPrecedes(key.utf8) != false
            else { return nil }
            metadata[key] = value
            previous = key
        }
        guard let payload = reader.bytes(), reader.isAtEnd else { return nil }
        let event = NewEvent(
            id: id, aggregateID: aggregateID, rootID: rootID, aggregateType: AggregateType(aggregateType),
            type: EventType(type), schemaVersion: schemaVersion, time: time,
            contentType: ContentType(contentType), metadata: metadata, tags: tags, payload: Data(payload))
        return RecordedEvent(event, position: position, version: version, time: time)
    }

    package static func checksum(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = bytes.withUnsafeBufferPointer { SHA256($0.baseAddress, $0.count, &digest) }
        return digest.prefix(checksumBytesCount)
    }
}

extension [UInt8] {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fileprivate mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    fileprivate mutating func append(text: String) {
        append(varint: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// The 16 bytes of an identity, in the order of its text.
    mutating func append(identity: some Identifier) {
        Swift.withUnsafeBytes(of: identity.uuid.uuid) { append(contentsOf: $0) }
    }
}
