// The probe of commit bodies: any bytes at all as the body of a commit whose frame holds, so that nothing but the records
// themselves decides.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog

extension ReaderProbe {
    /// Reads bytes as the body of a commit, between two commits that hold.
    ///
    /// Checked: the events that are shown are as many as the frame states, in order, the same in every way of reading,
    /// or damage is reported; encoded again they read the same; a body takes no more memory than its compressed bytes allow.
    /// - Parameter input: a byte for the form (bits 0 and 1: as it is, compressed, compressed with the dictionary, or taken
    ///   for compressed, by bit 4 with the dictionary; bit 2: at the limit of positions and times; bit 3: all streams are
    ///   children of the first); a byte for the counts (three bits for the events and two for the streams, each less 1; the
    ///   rest for how often larger what is compressed claims to be); the body.
    /// - Returns: how many events of the commit were shown; 0 where damage was reported.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func record(_ input: Data) throws -> Int {
        try input.withUnsafeBytes { buffer in
            guard buffer.count >= 2 else { return 0 }
            let bytes = buffer.bytes
            let commit = ProbeCommit(form: buffer[0], counts: buffer[1])
            let header = segment(isAtTheLimit: buffer[0] & 0b100 != 0, hasDictionary: true)
            var frames = ProbeBody(segment: header)
            frames.append(commit, body: bytes.extracting(2 ..< bytes.byteCount))
            let file = try frames.file()
            try checkMemory(file)
            let events = try readBack(file)
            guard let events else { return 0 }
            try require(
                events.count == commit.eventCount,
                "\(events.count) events are shown of a commit of \(commit.eventCount)")
            try encodeAgain(events, in: header)
            return events.count
        }
    }

    /// Decompresses the body and looks at what that took.
    private static func checkMemory(_ file: SegmentFile) throws {
        try file.withBytes { bytes in
            let context = SegmentContext(file.header, bytes)
            let frame = try FrameHeader.decode(bytes, at: file.header.framesOffset, in: file.header)
            guard let commit = try? CommitHeader(decoding: frame, bytes, in: context) else { return }
            var memory = BodyMemory()
            let isLoaded = (try? memory.load(commit, bytes)) != nil
            let allowed = max(BodyMemory.byteCountMin, BodyMemory.byteCountMax(compressed: commit.body.count))
            try require(
                memory.byteCount <= allowed,
                "\(memory.byteCount) bytes are taken for a body of \(commit.body.count) compressed ones")
            guard isLoaded, commit.frame.codec != .none else { return }
            try require(memory.loaded(commit).count == commit.rawSize, "the body has another size")
        }
    }

    /// Events that were shown are events that can be stored: as a commit of their own they are the same events.
    private static func encodeAgain(_ events: [RecordedEvent], in header: SegmentHeader) throws {
        let commit = Commit(
            events: events.map { event in
                NewEvent(
                    id: event.id, aggregateID: event.aggregateID, rootID: event.rootID,
                    aggregateType: event.aggregateType, type: event.type, schemaVersion: event.schemaVersion,
                    time: event.time, contentType: event.contentType, metadata: event.metadata,
                    tags: event.tags, payload: event.payload)
            })
        var prepared = PreparedCommit()
        do throws(StoreError) {
            try prepared.prepare(commit, limits: .standard, isCompressing: true, nil, effort: .fast)
        } catch {
            // What no writer of this version would take: an empty type, an entity with two roots, a name that is too long.
            return
        }
        // A stream has one type in a commit; where the body said two, no writer would have made it.
        let types = Dictionary(grouping: events, by: \.aggregateID).values
        guard types.allSatisfy({ Set($0.map(\.aggregateType)).count == 1 }) else { return }
        for index in prepared.streams.entries.indices {
            let id = AggregateID(prepared.streams.entries[index].id.uuid)
            let version = events.first { $0.aggregateID == id }?.version.rawValue
            prepared.streams.entries[index].previousVersion = version.map { $0 - 1 } ?? 0
        }
        var frames = ProbeBody(segment: header)
        frames.append(&prepared)
        let again = try readBack(frames.file())
        try require(again == events, "events that are encoded again are others")
    }
}
