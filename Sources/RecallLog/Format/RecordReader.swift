// Reads the records of a commit's body, in order: each event as places in the bytes, with the numbers that the frame
// states for it. What the caller does not want is stepped over. Nothing is allocated for an event.
// Layout: docs/format.md, "record".

internal import Recall

/// Reads the records of one commit after the other, reusing its memory.
package struct RecordReader: ~Copyable {
    /// A stream that the commit lists, as far as it has been read.
    struct Stream {
        var id: RawIdentifier
        var rootID: RawIdentifier
        var root: Int
        var version: UInt64
        var type: Range<Int>
        var isWanted: Bool
    }

    private var streams = ReusedArray<Stream>()
    private var reader = ByteReader(0 ..< 0)
    private var ids = ByteReader(0 ..< 0)
    private var index = 0
    private var eventCount = 0
    private var firstPosition: UInt64 = 0
    private var time: Int64 = 0

    package init() {}

    /// Begins a commit, of which all events are wanted.
    /// - Parameters:
    ///   - segment: the bytes that the frame lies in.
    ///   - body: the body as it was before compression.
    package mutating func begin(
        _ commit: borrowing CommitHeader, segment: RawSpan, body: RawSpan
    ) throws(FormatError) {
        ids = commit.eventIDReader
        index = 0
        eventCount = commit.eventCount
        firstPosition = commit.firstPosition
        time = commit.time
        streams.removeAll()
        var entries = commit.streamReader
        reader = ByteReader(0 ..< body.byteCount)
        for _ in 0 ..< commit.streamCount {
            let entry = try commit.nextStream(&entries, segment)
            streams.append(
                Stream(
                    id: entry.id, rootID: entry.id, root: entry.root, version: entry.previousVersion,
                    type: try reader.sized(body), isWanted: true))
        }
        for index in 0 ..< streams.count where streams[index].root > 0 {
            streams[index].rootID = streams[streams[index].root - 1].id
        }
    }

    /// Leaves out the events of the streams that `isWanted` does not name by id and root.
    @inline(__always)
    package mutating func select(_ isWanted: (RawIdentifier, RawIdentifier) -> Bool) {
        for index in 0 ..< streams.count {
            streams[index].isWanted = isWanted(streams[index].id, streams[index].rootID)
        }
    }

    /// The next event that is wanted; nil behind the last one.
    @inline(__always)
    package mutating func next(segment: RawSpan, body: RawSpan) throws(FormatError) -> EventFields? {
        while index < eventCount {
            var stream = 0
            if streams.count > 1 {
                let raw = try reader.varint(body)
                guard raw < UInt64(streams.count) else { throw .count }
                stream = Int(raw)
            }
            streams[stream].version += 1
            let position = firstPosition + UInt64(index)
            index += 1
            guard streams[stream].isWanted else {
                try Self.skipRecord(&reader, body)
                try PackedEventID.skip(&ids, segment)
                continue
            }
            return try Self.record(
                &reader, body, position: position, version: streams[stream].version, commitTime: time,
                aggregateType: streams[stream].type,
                id: try PackedEventID.decode(&ids, segment, time: time),
                aggregateID: streams[stream].id, rootID: streams[stream].rootID)
        }
        guard reader.remainingCount == 0 else { throw Self.leftOver }
        return nil
    }

    /// The event of a simple commit.
    @inline(__always)
    package static func only(
        _ commit: borrowing CommitHeader, segment: RawSpan, body: RawSpan
    ) throws(FormatError) -> EventFields {
        var reader = ByteReader(0 ..< body.byteCount)
        var ids = commit.eventIDReader
        let type = try reader.sized(body)
        let event = try record(
            &reader, body, position: commit.firstPosition, version: commit.firstStream.previousVersion + 1,
            commitTime: commit.time, aggregateType: type,
            id: try PackedEventID.decode(&ids, segment, time: commit.time),
            aggregateID: commit.firstStream.id, rootID: commit.firstStream.id)
        guard reader.remainingCount == 0 else { throw leftOver }
        return event
    }

    private static var leftOver: FormatError { FormatError("bytes are left behind the last event") }

    @inline(__always)
    private static func record(
        _ reader: inout ByteReader, _ body: RawSpan, position: UInt64, version: UInt64, commitTime: Int64,
        aggregateType: Range<Int>, id: RawIdentifier, aggregateID: RawIdentifier, rootID: RawIdentifier
    ) throws(FormatError) -> EventFields {
        let flags = RecordFlags(rawValue: try reader.byte(body))
        let type = try reader.sized(body)
        var event = EventFields(
            position: Position(position), version: Version(version),
            time: Timestamp(microsecondsSince1970: commitTime), schemaVersion: 1, type: type,
            aggregateType: aggregateType, contentType: 0 ..< 0, payload: 0 ..< 0, rawID: id,
            rawAggregateID: aggregateID, rawRootID: rootID, metadata: 0 ..< 0, metadataCount: 0,
            tags: 0 ..< 0,
            tagCount: 0)
        // Most events have none of what may be left out.
        if !flags.isEmpty { try readOptional(flags, &reader, body, &event) }
        event.payload = try reader.sized(body)
        return event
    }

    @inline(never)
    private static func readOptional(
        _ flags: RecordFlags, _ reader: inout ByteReader, _ body: RawSpan, _ event: inout EventFields
    ) throws(FormatError) {
        guard flags.isSubset(of: .known) else {
            var error = FormatError("an event has fields that this program does not know")
            error.isOfUnknownVersion = true
            throw error
        }
        if flags.contains(.time) { event.time = Timestamp(microsecondsSince1970: try reader.zigzag(body)) }
        if flags.contains(.schemaVersion) {
            guard let stated = UInt32(exactly: try reader.varint(body)) else { throw .varint }
            event.schemaVersion = stated
        }
        if flags.contains(.contentType) { event.contentType = try reader.sized(body) }
        event.metadataCount = flags.contains(.metadata) ? try reader.count(body, minimumSize: 2) : 0
        let metadataStart = reader.offset
        for _ in 0 ..< 2 * event.metadataCount { _ = try reader.sized(body) }
        event.metadata = metadataStart ..< reader.offset
        event.tagCount = flags.contains(.tags) ? try reader.count(body, minimumSize: 1) : 0
        let tagsStart = reader.offset
        for _ in 0 ..< event.tagCount { _ = try reader.sized(body) }
        event.tags = tagsStart ..< reader.offset
    }

    /// Steps over a record, as carefully as one is read.
    @inline(__always)
    private static func skipRecord(_ reader: inout ByteReader, _ body: RawSpan) throws(FormatError) {
        let flags = RecordFlags(rawValue: try reader.byte(body))
        _ = try reader.sized(body)
        if !flags.isEmpty {
            var ignored = EventFields.none
            try readOptional(flags, &reader, body, &ignored)
        }
        _ = try reader.sized(body)
    }
}

extension EventFields {
    /// An event of no place and no content, to be filled in.
    package static var none: EventFields {
        let zero = RawIdentifier(high: 0, low: 0)
        return EventFields(
            position: Position(0), version: Version(0), time: Timestamp(microsecondsSince1970: 0),
            schemaVersion: 1,
            type: 0 ..< 0, aggregateType: 0 ..< 0, contentType: 0 ..< 0, payload: 0 ..< 0, rawID: zero,
            rawAggregateID: zero, rawRootID: zero, metadata: 0 ..< 0, metadataCount: 0, tags: 0 ..< 0,
            tagCount: 0)
    }
}
