// A small store that the engine itself wrote and closed: what the edits of an input are applied to.

internal import Recall
internal import RecallLog
internal import RecallTestKit

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A whole store of two segments, in memory, the same for every input.
struct ProbeStore: Sendable {
    /// A file that inputs edit.
    struct File: Sendable {
        let path: String
        let bytes: [UInt8]
        /// Of a segment; nil for the store's header.
        let header: SegmentHeader?
        /// The dictionary and the frames of a segment.
        let frames: [Range<Int>]

        /// Where edits fall: what is written, and a little of what is not.
        var editedCount: Int { min(max((frames.last?.upperBound ?? 0) + 64, Format.headerSize), bytes.count) }
    }

    static let path = "/store"
    static let whole = Result { try ProbeStore() }

    let disk: SimulatedDisk
    let files: [File]
    /// Everything in it, in order.
    let events: [RecordedEvent]

    static var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = Format.segmentBytesMin
        configuration.readerThreadCount = 1
        configuration.replayThreadCount = 1
        configuration.writeAheadBytes = 0
        configuration.checkpointFrameCountMin = 1
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_700_000_000_000_000))
        configuration.randomBits = { 0x5EED }
        return configuration
    }

    private init() throws {
        disk = SimulatedDisk()
        for session in 0 ..< 3 {
            let log = try Log.openBlocking(at: Self.path, configuration: Self.configuration, disk: disk)
            for step in 0 ..< 8 {
                _ = try log.appendBlocking(Self.commit(session * 8 + step))
            }
            // What does not compress fills the first segment.
            if session == 0 { _ = try log.appendBlocking(Self.commit(999, noiseCount: 49_000)) }
            if session == 1 { _ = try log.appendBlocking(Self.commit(1_002, noiseCount: 9_000)) }
            try log.closeBlocking()
        }
        let log = try Log.openBlocking(
            at: Self.path, access: .readOnly, configuration: Self.configuration, disk: disk)
        var events: [RecordedEvent] = []
        try log.replayBlocking { (fields, bytes) throws(StoreError) in
            if let event = try? fields.recordedEvent(bytes) { events.append(event) }
            return true
        }
        try log.closeBlocking()
        self.events = events
        var files = [
            File(
                path: "/store/store", bytes: disk.contents(of: "/store/store") ?? [], header: nil, frames: [])
        ]
        for name in try disk.list("/store/segments").sorted() {
            files.append(try Self.segment("/store/segments/\(name)", on: disk))
        }
        self.files = files
        try ReaderProbe.require(
            files.count == 3, "the store of the probe has \(files.count - 1) segments, not 2")
    }

    private static func segment(_ path: String, on disk: SimulatedDisk) throws -> File {
        let bytes = disk.contents(of: path) ?? []
        return try bytes.withUnsafeBytes { buffer in
            let header = try SegmentHeader(decoding: buffer.bytes)
            var frames: [Range<Int>] = []
            var offset = header.framesOffset
            while let frame = try? FrameHeader.decode(buffer.bytes, at: offset, in: header) {
                frames.append(offset ..< frame.endOffset)
                offset = frame.endOffset
            }
            return File(path: path, bytes: bytes, header: header, frames: frames)
        }
    }

    static func commit(_ number: Int, noiseCount: Int = 0) -> Commit {
        var generator = SeededGenerator(seed: UInt64(number))
        let noise = (0 ..< noiseCount).map { _ in UInt8.random(in: 0 ... 255, using: &generator) }
        return Commit(
            events: (0 ... number % 3).map { index in
                var event = NewEvent(
                    id: EventID(RawIdentifier(high: UInt64(number) + 1, low: UInt64(index)).uuid),
                    aggregateID: AggregateID(number: UInt64(number + index) % 5 + 1), aggregateType: "Tale",
                    type: "Told", payload: Data("{\"number\":\(number),\"index\":\(index)}".utf8 + noise))
                if number % 4 == 1 { event.tags = ["tag:\(number)"] }
                if number % 5 == 1 { event.metadata = ["correlation": "\(number)"] }
                return event
            })
    }
}
