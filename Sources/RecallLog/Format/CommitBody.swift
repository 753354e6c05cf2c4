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
            encode(events[index], to: &writer)
        }
    }

    private static func encode(_ event: borrowing NewEvent, to writer: inout ByteWriter) {
        var flags: RecordFlags = []
        if event.time != nil { flags.insert(.time) }
        if event.schemaVersion != 1 { flags.insert(.schemaVersion) }
        if event.contentType != .json { flags.insert(.contentType) }
        if !event.metadata.isEmpty { flags.insert(.metadata) }
        if !event.tags.isEmpty { flags.insert(.tags) }
        writer.byte(flags.rawValue)
        writer.string(event.type.rawValue)
        if let time = event.time { writer.zigzag(time.microsecondsSince1970) }
        if flags.contains(.schemaVersion) { writer.varint(UInt64(event.schemaVersion)) }
        if flags.contains(.contentType) { writer.string(event.contentType.rawValue) }
        if flags.contains(.metadata) {
            writer.varint(event.metadata.values.count)
            // Sorted, so that the same event always makes the same bytes.
            for (key, value) in event.metadata.values.sorted(by: { $0.key < $1.key }) {
                writer.string(key)
                writer.string(value)
            }
        }
        if flags.contains(.tags) {
            writer.varint(event.tags.count)
            for tag in event.tags { writer.string(tag) }
        }
        writer.varint(event.payload.count)
        event.payload.withUnsafeBytes { writer.bytes($0) }
    }
}
