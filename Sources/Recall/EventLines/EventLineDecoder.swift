// Reads an event from a line of JSON. Strict: an unknown or repeated key, a wrong type or a value that
// means nothing is an error that says what was expected, because what is stored is never changed again.
// The payload is taken as the bytes that stand in the line.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads events from lines.
package struct EventLineDecoder {
    /// Makes the id of an event whose line names none.
    private let makeEventID: () -> EventID

    package init(makeEventID: @escaping () -> EventID = { EventID() }) {
        self.makeEventID = makeEventID
    }

    /// Reads the event of one line.
    package func decode(_ line: Span<UInt8>) throws(EventLineFailure) -> EventLine {
        if let offset = UTF8Text.firstFault(in: line) {
            throw EventLineFailure(
                problem: "the line is no text, expected UTF-8 (at byte \(offset + 1))")
        }
        do throws(JSONFailure) {
            var parts = Parts()
            try readParts(line, into: &parts)
            return try event(of: parts)
        } catch {
            throw EventLineFailure(problem: error.description)
        }
    }

    /// The values of a line, as far as they have been read.
    private struct Parts {
        var seen: Set<EventKey> = []
        var aggregate: AggregateID?
        var root: AggregateID?
        var aggregateType: AggregateType = ""
        var id: EventID?
        var type: EventType?
        var time: Timestamp?
        var metadata: EventMetadata = [:]
        var tags: [EventTag] = []
        var schemaVersion: UInt32 = 1
        var contentType: ContentType?
        var contentTypeOffset = 0
        var data: Data?
        var isBase64 = false
        var expectedVersion: ExpectedVersion?
    }

    private func readParts(_ line: Span<UInt8>, into parts: inout Parts) throws(JSONFailure) {
        var scanner = JSONScanner()
        try scanner.expect(UInt8(ascii: "{"), "an event as a JSON object", line)
        if !scanner.take(UInt8(ascii: "}"), line) {
            repeat {
                guard scanner.peek(line) == UInt8(ascii: "\"") else {
                    throw scanner.unexpected(line, expected: "a key in double quotes")
                }
                let offset = scanner.index
                let name = try scanner.readString(line)
                guard let key = EventKey(rawValue: name) else {
                    throw JSONFailure(
                        "the key \(Self.quoted(name)) is unknown, expected \(EventKey.list)", at: offset)
                }
                guard parts.seen.insert(key).inserted else {
                    throw JSONFailure("the key \"\(name)\" stands again, expected it once", at: offset)
                }
                try scanner.expect(UInt8(ascii: ":"), "a colon behind the key", line)
                _ = scanner.peek(line)
                try readValue(of: key, line, &scanner, into: &parts)
            } while scanner.take(UInt8(ascii: ","), line)
            try scanner.expect(UInt8(ascii: "}"), "a comma or }", line)
        }
        try scanner.expectEnd(line)
    }

    private func readValue(
        of key: EventKey, _ line: Span<UInt8>, _ scanner: inout JSONScanner, into parts: inout Parts
    ) throws(JSONFailure) {
        let offset = scanner.index
        switch key {
        case .position, .version:
            _ = try scanner.skipValue(line)
        case .aggregate:
            parts.aggregate = AggregateID(try readUUID(key, line, &scanner))
        case .root:
            parts.root = AggregateID(try readUUID(key, line, &scanner))
        case .id:
            parts.id = EventID(try readUUID(key, line, &scanner))
        case .aggregateType:
            parts.aggregateType = AggregateType(try readText(key, "a string", line, &scanner))
        case .type:
            let type = try readText(key, "the name of the event's type as a string", line, &scanner)
            guard !type.isEmpty else {
                throw JSONFailure("\"type\" is empty, expected the name of the event's type", at: offset)
            }
            parts.type = EventType(type)
        case .time:
            let text = try readText(key, "a time as a string", line, &scanner)
            guard let time = Timestamp(iso8601: text) else {
                throw JSONFailure(
                    "\"time\" is \(Self.quoted(text)), expected an RFC 3339 time such as \"2026-11-23T10:15:30.123456Z\"",
                    at: offset)
            }
            parts.time = time
        case .metadata:
            parts.metadata = try readMetadata(line, &scanner)
        case .tags:
            parts.tags = try readTags(line, &scanner)
        case .schemaVersion:
            let text = try rawText(line, &scanner)
            guard let value = UInt32(text), value >= 1, text.utf8.first != UInt8(ascii: "+") else {
                throw JSONFailure(
                    "\"schemaVersion\" is \(Self.shortened(text)), expected a whole number from 1 to \(UInt32.max)",
                    at: offset)
            }
            parts.schemaVersion = value
        case .contentType:
            parts.contentType = ContentType(try readText(key, "a media type as a string", line, &scanner))
            parts.contentTypeOffset = offset
        case .data, .dataBase64:
            guard parts.data == nil else {
                throw JSONFailure(
                    "\"data\" and \"dataBase64\" both stand here, expected one of them", at: offset)
            }
            if key == .data {
                let range = try scanner.skipValue(line)
                parts.data = line.extracting(range).withUnsafeBufferPointer { Data($0) }
            } else {
                parts.data = try readBase64(line, &scanner)
                parts.isBase64 = true
            }
        case .expectedVersion:
            parts.expectedVersion = try readExpectedVersion(line, &scanner)
        }
    }

    private func event(of parts: Parts) throws(JSONFailure) -> EventLine {
        guard let aggregate = parts.aggregate else {
            throw JSONFailure("the line has no \"aggregate\", expected a UUID under that key", at: nil)
        }
        guard let type = parts.type else {
            throw JSONFailure(
                "the line has no \"type\", expected the name of the event's type under that key", at: nil)
        }
        guard let data = parts.data else {
            throw JSONFailure(
                "the line has no \"data\", expected any JSON value under that key, or \"dataBase64\"", at: nil
            )
        }
        if let contentType = parts.contentType, !parts.isBase64, !contentType.isJSON {
            throw JSONFailure(
                "\"contentType\" is \(Self.quoted(contentType.rawValue)), which is no JSON, expected the payload as \"dataBase64\"",
                at: parts.contentTypeOffset)
        }
        return EventLine(
            event: NewEvent(
                id: parts.id ?? makeEventID(), aggregateID: aggregate, rootID: parts.root,
                aggregateType: parts.aggregateType, type: type, schemaVersion: parts.schemaVersion,
                time: parts.time, contentType: parts.contentType ?? (parts.isBase64 ? .binary : .json),
                metadata: parts.metadata, tags: parts.tags, payload: data),
            expectedVersion: parts.expectedVersion)
    }
}
