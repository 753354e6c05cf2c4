// Writes an event as a line of JSON, into a buffer that the caller reuses. The order of the keys is a
// contract (docs/cli.md). A line that is written here is read back by EventLineDecoder as the same event.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

package enum EventLineEncoder {
    /// Appends the line of an event, with its line feed.
    package static func append(_ event: RecordedEvent, to buffer: inout [UInt8]) {
        appendPlace(event.position, event.aggregateID, to: &buffer)
        JSONText.append(event.aggregateType.rawValue, to: &buffer)
        appendIdentity(event.version, event.id, to: &buffer)
        JSONText.append(event.type.rawValue, to: &buffer)
        appendTime(event.time, to: &buffer)
        appendMetadata(event.metadata, to: &buffer)
        buffer.append(contentsOf: ",\"tags\":[".utf8)
        for (index, tag) in event.tags.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            JSONText.append(tag.rawValue, to: &buffer)
        }
        buffer.append(UInt8(ascii: "]"))
        appendRoot(event.rootID, of: event.aggregateID, event.schemaVersion, to: &buffer)
        appendPayload(event.payload.span, event.contentType, to: &buffer)
        buffer.append(contentsOf: "}\n".utf8)
    }

    /// Appends the beginning of a line, up to where the aggregate's type stands.
    package static func appendPlace(
        _ position: Position, _ aggregateID: AggregateID, to buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: "{\"position\":".utf8)
        JSONText.append(position.rawValue, to: &buffer)
        buffer.append(contentsOf: ",\"aggregate\":\"".utf8)
        UUIDText.append(aggregateID.uuid, to: &buffer)
        buffer.append(contentsOf: "\",\"aggregateType\":".utf8)
    }

    /// Appends what stands between the aggregate's type and the event's.
    package static func appendIdentity(_ version: Version, _ id: EventID, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: ",\"version\":".utf8)
        JSONText.append(version.rawValue, to: &buffer)
        buffer.append(contentsOf: ",\"id\":\"".utf8)
        UUIDText.append(id.uuid, to: &buffer)
        buffer.append(contentsOf: "\",\"type\":".utf8)
    }

    package static func appendTime(_ time: Timestamp, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: ",\"time\":\"".utf8)
        buffer.append(contentsOf: time.iso8601.utf8)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Appends the metadata sorted by the bytes of the keys, so that the same event is the same line each time.
    package static func appendMetadata(_ metadata: EventMetadata, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: ",\"metadata\":{".utf8)
        var isFirst = true
        for (name, value) in metadata.sorted {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.append(name.rawValue, to: &buffer)
            buffer.append(UInt8(ascii: ":"))
            JSONText.append(value, to: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Appends what stands there only when it is not the default.
    package static func appendRoot(
        _ rootID: AggregateID, of aggregateID: AggregateID, _ schemaVersion: UInt32,
        to buffer: inout [UInt8]
    ) {
        if rootID != aggregateID {
            buffer.append(contentsOf: ",\"root\":\"".utf8)
            UUIDText.append(rootID.uuid, to: &buffer)
            buffer.append(UInt8(ascii: "\""))
        }
        if schemaVersion != 1 {
            buffer.append(contentsOf: ",\"schemaVersion\":".utf8)
            JSONText.append(UInt64(schemaVersion), to: &buffer)
        }
    }

    /// Appends the payload as it is where it is JSON, and as Base64 otherwise. With Base64 the content
    /// type always stands there, because reading takes Base64 without one for `octet-stream`.
    package static func appendPayload(
        _ payload: Span<UInt8>, _ contentType: ContentType, to buffer: inout [UInt8]
    ) {
        let standsAsJSON = contentType.isJSON && isJSONText(payload)
        if !standsAsJSON || contentType != .json {
            buffer.append(contentsOf: ",\"contentType\":".utf8)
            JSONText.append(contentType.rawValue, to: &buffer)
        }
        guard standsAsJSON else {
            buffer.append(contentsOf: ",\"dataBase64\":\"".utf8)
            Base64Text.append(payload, to: &buffer)
            buffer.append(UInt8(ascii: "\""))
            return
        }
        buffer.append(contentsOf: ",\"data\":".utf8)
        if hasLineBreak(payload) {
            JSONText.appendCompact(payload, to: &buffer)
        } else {
            payload.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
        }
    }

    private static func isJSONText(_ payload: Span<UInt8>) -> Bool {
        JSONScanner.isValue(payload) && UTF8Text.firstFault(in: payload) == nil
    }

    private static func hasLineBreak(_ payload: Span<UInt8>) -> Bool {
        for index in 0 ..< payload.count where payload[index] == 0x0A || payload[index] == 0x0D {
            return true
        }
        return false
    }
}
