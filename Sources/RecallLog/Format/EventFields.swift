// One event of a commit, as places in borrowed bytes: nothing is copied until somebody asks for it.
// Layout: docs/format.md, "record".

public import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An event's numbers, and where its strings and payload lie in the bytes that come with it.
///
/// Valid together with the `RawSpan` that is handed out beside it, and no longer.
public struct EventFields: Sendable {
    /// The place in the whole log, from 1.
    public internal(set) var position: Position
    /// The place in the stream of `aggregateID`, from 1.
    public internal(set) var version: Version
    /// When it happened, as its author said; the moment of the commit where nothing was said.
    public internal(set) var time: Timestamp
    /// The version of the payload's schema when it was written, from 1.
    public internal(set) var schemaVersion: UInt32
    /// Where the event type's UTF-8 lies.
    public internal(set) var type: Range<Int>
    /// Where the aggregate type's UTF-8 lies.
    public internal(set) var aggregateType: Range<Int>
    /// Where the content type's UTF-8 lies; `0 ..< 0` for JSON. Any other empty range is one of no bytes.
    public internal(set) var contentType: Range<Int>
    /// Where the payload lies.
    public internal(set) var payload: Range<Int>
    package var rawID: RawIdentifier
    package var rawAggregateID: RawIdentifier
    package var rawRootID: RawIdentifier
    /// Where the metadata's names and values lie, behind their count; empty for none.
    package var metadata: Range<Int>
    package var metadataCount: Int
    package var tags: Range<Int>
    package var tagCount: Int

    /// What made the append idempotent. Made anew at each call, like the two below.
    public var id: EventID { EventID(rawID.uuid) }
    /// The aggregate or child entity whose stream the event is in.
    public var aggregateID: AggregateID { AggregateID(rawAggregateID.uuid) }
    /// The root of the graph that the entity belongs to; equal to `aggregateID` for a root's own event.
    public var rootID: AggregateID { AggregateID(rawRootID.uuid) }

    /// Copies the event out of the bytes.
    /// - Throws: `FormatError` where a string is not UTF-8.
    package func recordedEvent(_ bytes: RawSpan) throws(FormatError) -> RecordedEvent {
        var names = NameMemory()
        return try recordedEvent(bytes, &names)
    }

    /// Copies the event out of the bytes.
    /// - Parameter known: names that need not be made again.
    /// - Throws: `FormatError` where a string is not UTF-8.
    package func recordedEvent(
        _ bytes: RawSpan, _ known: inout NameMemory
    ) throws(FormatError) -> RecordedEvent {
        var metadata = EventMetadata()
        if metadataCount > 0 { metadata = try copyMetadata(bytes, &known) }
        var tagList: [EventTag] = []
        if tagCount > 0 {
            tagList.reserveCapacity(tagCount)
            var reader = ByteReader(tags)
            for _ in 0 ..< tagCount {
                tagList.append(EventTag(try known.string(try reader.sized(bytes), bytes)))
            }
        }
        let content: ContentType =
            contentType == 0 ..< 0 ? .json : ContentType(try known.string(contentType, bytes))
        let id = aggregateID
        let event = NewEvent(
            id: self.id, aggregateID: id, rootID: rawRootID == rawAggregateID ? id : rootID,
            aggregateType: AggregateType(try known.string(aggregateType, bytes)),
            type: EventType(try known.string(type, bytes)), schemaVersion: schemaVersion, time: time,
            contentType: content, metadata: metadata, tags: tagList,
            payload: bytes.extracting(payload).withUnsafeBytes { Data($0) })
        return RecordedEvent(event, position: position, version: version, time: time)
    }

    private func copyMetadata(
        _ bytes: RawSpan, _ known: inout NameMemory
    ) throws(FormatError) -> EventMetadata {
        var names: [MetadataKey: String] = [:]
        names.reserveCapacity(metadataCount)
        var reader = ByteReader(metadata)
        for _ in 0 ..< metadataCount {
            let key = MetadataKey(try known.string(try reader.sized(bytes), bytes))
            names[key] = try Self.string(try reader.sized(bytes), bytes)
        }
        return EventMetadata(names)
    }

    package static func string(_ range: Range<Int>, _ bytes: RawSpan) throws(FormatError) -> String {
        let text = bytes.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw .utf8 }
        return text
    }
}
