// The body of a commit: what compression works on. Encoded by the caller's thread before the commit
// has a place, so it holds nothing that the writer assigns. Layout: docs/format.md, "body".

package import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes the body of a commit.
package enum CommitBody {
    /// - Parameters:
    ///   - streamIndexes: for each event, the index of its stream.
    ///   - typeIndexes: for each stream, the index of an event that names its aggregate type; -1 for none.
    package static func encode(
        _ events: [NewEvent], streamIndexes: [Int], typeIndexes: [Int], to writer: inout ByteWriter
    ) {
        for index in typeIndexes {
            if index < 0 { writer.varint(0) } else { writer.string(events[index].aggregateType.rawValue) }
        }
        for index in events.indices {
            if typeIndexes.count > 1 { writer.varint(streamIndexes[index]) }
            encode(events, at: index, to: &writer)
        }
    }

    /// Compared as strings, which is a look at one word where nobody spelled it anew; no other string is equal to it.
    private static let jsonName = ContentType.json.rawValue

    // Fields are read where they stand: an event that is passed on is copied, with all it refers to.

    @inline(__always)
    private static func encode(_ events: [NewEvent], at index: Int, to writer: inout ByteWriter) {
        var flags: RecordFlags = []
        if events[index].time != nil { flags.insert(.time) }
        if events[index].schemaVersion != 1 { flags.insert(.schemaVersion) }
        if events[index].contentType.rawValue != jsonName { flags.insert(.contentType) }
        if !events[index].metadata.isEmpty { flags.insert(.metadata) }
        if !events[index].tags.isEmpty { flags.insert(.tags) }
        writer.byte(flags.rawValue)
        writer.string(events[index].type.rawValue)
        if !flags.isEmpty { encodeRare(events, at: index, flags, to: &writer) }
        writer.varint(events[index].payload.count)
        events[index].payload.withUnsafeBytes { writer.bytes($0) }
    }

    private static func encodeRare(
        _ events: [NewEvent], at index: Int, _ flags: RecordFlags, to writer: inout ByteWriter
    ) {
        if let time = events[index].time { writer.zigzag(time.microsecondsSince1970) }
        if flags.contains(.schemaVersion) { writer.varint(UInt64(events[index].schemaVersion)) }
        if flags.contains(.contentType) { writer.string(events[index].contentType.rawValue) }
        if flags.contains(.metadata) {
            writer.varint(events[index].metadata.values.count)
            // Sorted, so that the same event always makes the same bytes.
            for (key, value) in events[index].metadata.values.sorted(by: { $0.key < $1.key }) {
                writer.string(key)
                writer.string(value)
            }
        }
        if flags.contains(.tags) {
            writer.varint(events[index].tags.count)
            for tag in events[index].tags { writer.string(tag) }
        }
    }
}

/// Reads the records of one commit after the other, reusing its memory.
package struct RecordReader {
    private var streams: [StreamEntry] = []
    private var types: [Range<Int>] = []
    private var reader = ByteReader(0 ..< 0)
    private var ids = ByteReader(0 ..< 0)
    private var index = 0
    private var commit: CommitHeader?

    package init() {}

    /// Begins a commit.
    /// - Parameters:
    ///   - segment: the bytes that the frame lies in.
    ///   - body: the body as it was before compression.
    package mutating func begin(
        _ commit: CommitHeader, segment: RawSpan, body: RawSpan
    ) throws(FormatError) {
        self.commit = commit
        ids = commit.eventIDReader
        index = 0
        streams.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        var entries = commit.streamReader
        reader = ByteReader(0 ..< body.byteCount)
        for _ in 0 ..< commit.streamCount {
            streams.append(try commit.nextStream(&entries, segment))
            types.append(try reader.sized(body))
        }
    }

    /// The next event of the commit; nil behind the last one.
    package mutating func next(segment: RawSpan, body: RawSpan) throws(FormatError) -> EventFields? {
        guard let commit else { return nil }
        guard index < commit.eventCount else {
            guard reader.remainingCount == 0 else {
                throw FormatError("bytes are left behind the last event")
            }
            return nil
        }
        var stream = 0
        if commit.streamCount > 1 {
            let raw = try reader.varint(body)
            guard raw < UInt64(commit.streamCount) else { throw .count }
            stream = Int(raw)
        }
        let entry = streams[stream]
        let flags = RecordFlags(rawValue: try reader.byte(body))
        guard flags.isSubset(of: .known) else { throw FormatError("an event has fields that are not known") }
        let type = try reader.sized(body)
        var time = commit.time
        if flags.contains(.time) { time = try reader.zigzag(body) }
        var schemaVersion: UInt32 = 1
        if flags.contains(.schemaVersion) {
            guard let stated = UInt32(exactly: try reader.varint(body)) else { throw .varint }
            schemaVersion = stated
        }
        let contentType = flags.contains(.contentType) ? try reader.sized(body) : 0 ..< 0
        let metadataCount = flags.contains(.metadata) ? try reader.count(body, minimumSize: 2) : 0
        let metadataStart = reader.offset
        for _ in 0 ..< 2 * metadataCount { _ = try reader.sized(body) }
        let metadata = metadataStart ..< reader.offset
        let tagCount = flags.contains(.tags) ? try reader.count(body, minimumSize: 1) : 0
        let tagsStart = reader.offset
        for _ in 0 ..< tagCount { _ = try reader.sized(body) }
        let tags = tagsStart ..< reader.offset
        let payload = try reader.sized(body)
        streams[stream].previousVersion += 1
        let rootID = entry.root == 0 ? entry.id : streams[entry.root - 1].id
        defer { index += 1 }
        return EventFields(
            position: Position(commit.firstPosition + UInt64(index)),
            version: Version(entry.previousVersion + 1), time: Timestamp(microsecondsSince1970: time),
            schemaVersion: schemaVersion, type: type, aggregateType: types[stream],
            contentType: contentType, payload: payload, rawID: try commit.nextEventID(&ids, segment),
            rawAggregateID: entry.id, rawRootID: rootID, metadata: metadata,
            metadataCount: metadataCount, tags: tags, tagCount: tagCount)
    }
}
