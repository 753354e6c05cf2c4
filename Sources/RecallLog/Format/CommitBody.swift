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

    /// Kept here, since it is compared for every event.
    private static let jsonType = ContentType.json

    // Fields are read where they stand: an event that is passed on is copied, with all it refers to.

    @inline(__always)
    private static func encode(_ events: [NewEvent], at index: Int, to writer: inout ByteWriter) {
        var flags: RecordFlags = []
        if events[index].time != nil { flags.insert(.time) }
        if events[index].schemaVersion != 1 { flags.insert(.schemaVersion) }
        if events[index].contentType != jsonType { flags.insert(.contentType) }
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
            for (key, value) in events[index].metadata.sorted {
                writer.string(key.rawValue)
                writer.string(value)
            }
        }
        if flags.contains(.tags) {
            writer.varint(events[index].tags.count)
            for tag in events[index].tags { writer.string(tag.rawValue) }
        }
    }
}
