// The probe of everything that reads frames: the scan of opening, the index that it makes, that index as a
// file, and the reader on top.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog

extension ReaderProbe {
    /// Reads bytes as the frames of a segment.
    ///
    /// Checked: opening accepts any bytes; what it finds is in order and found again; the index answers for
    /// every frame, in memory and as a file; a replay either shows every position once or reports damage;
    /// pages, forwards and backwards, show what the replay shows.
    /// - Parameter input: the mode, then the bytes behind the segment's header; in mode 2, for each frame a
    ///   byte for kind, codec and lag, two for the size, and what follows the common part.
    /// - Returns: how many events were shown; 0 where damage was reported.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func frames(_ input: Data) throws -> Int {
        try input.withUnsafeBytes { buffer in
            guard let first = buffer.first else { return 0 }
            let control = Control(byte: first)
            let frames = ProbeFrames(
                segment: segment(isAtTheLimit: control.isAtTheLimit, hasDictionary: true))
            let bytes = buffer.bytes
            let file = try frames.file(bytes.extracting(1 ..< bytes.byteCount), control.mode)
            guard let scan = try unlessNewer({ try self.scan(file, successorPosition: nil) }) else {
                let opened = try unlessNewer { () throws(StoreError) in
                    try ProbeLayout(segments: [file]).open()
                }
                try require(opened == nil, "a scan finds a newer frame, and opening does not")
                return 0
            }
            _ = try unlessNewer {
                try self.scan(
                    file, successorPosition: scan.chain.nextPosition + control.successorDistance)
            }
            return try readBack(file)?.count ?? 0
        }
    }

    // MARK: Opening

    /// What `body` returns; nil where it finds a frame of a newer program.
    private static func unlessNewer<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch let error as StoreError where error.code == .unsupported { return nil }
    }

    /// Scans a segment and checks what the scan says of it.
    private static func scan(_ file: SegmentFile, successorPosition: UInt64?) throws -> SegmentScan {
        var links: [ChainLink] = []
        let start = IndexCoverage(startOf: file.header)
        let scan = try SegmentScan(file, from: start, successorPosition: successorPosition) { link, _ in
            links.append(link)
        }
        var end = file.header.framesOffset
        var next = file.header.firstPosition
        for link in links {
            let isBehind = link.frame.offset >= end && link.frame.nextPosition >= next
            try require(isBehind, "the frame at \(link.frame.offset) does not follow the one before it")
            let isNext = link.frame.offset == end && link.frame.nextPosition == next
            try require(isNext || !scan.damage.isEmpty, "frames are missing and no damage is reported")
            end = link.frame.endOffset
            next = link.commit.map { $0.lastPosition + 1 } ?? link.frame.nextPosition
        }
        try require(end <= file.header.capacity, "a frame ends behind the segment")
        try require(scan.index.coverage.frameCount >= links.count, "the index counts too few frames")
        try file.withBytes { bytes in try checkIndex(.active(scan.index), links, bytes) }
        guard scan.damage.isEmpty else { return scan }
        try require(
            scan.chain.offset == end && scan.chain.nextPosition == next,
            "the chain does not end at the last frame")
        try checkIndexFile(scan.index, links, file)
        if scan.ending != .sealed, successorPosition == nil {
            let again = try SegmentScan(file, from: scan.index.coverage)
            try require(
                again.ending == scan.ending && again.chain.offset == end,
                "a second scan from the end of the first ends differently: \(again.ending), \(scan.ending)")
        }
        return scan
    }

    private static func checkIndex(_ index: IndexInput, _ links: [ChainLink], _ bytes: RawSpan) throws {
        for commit in links.lazy.compactMap(\.commit).prefix(64) {
            let offset = commit.frame.offset
            for stream in try commit.streams(bytes).prefix(16) {
                let offsets = try offsets(of: stream.id, in: index)
                try require(offsets.contains(offset), "the index does not lead to the frame at \(offset)")
                try require(offsets == offsets.sorted(), "the index lists frames in disorder")
            }
            for id in try commit.eventIDs(bytes).prefix(16) {
                let isFound =
                    switch index {
                    case .memory(let frozen):
                        frozen.index.mayHold(id)
                            && frozen.index.offsets(ofFingerprint: id.fingerprint).contains(offset)
                    case .file(let file):
                        try file.mayHold(id)
                            && file.references(toEvent: id).contains { $0.offset == UInt32(offset) }
                    }
                try require(isFound, "the index does not know an event id of the frame at \(offset)")
            }
            let before =
                switch index {
                case .memory(let frozen): frozen.index.offset(before: commit.firstPosition)
                case .file(let file): try file.offset(before: commit.firstPosition, inSegment: 0)
                }
            try require(before.map { $0 <= offset } ?? false, "reading would begin behind a position")
        }
    }

    private static func offsets(of id: RawIdentifier, in index: IndexInput) throws -> [Int] {
        switch index {
        case .memory(let frozen): return frozen.index.offsets(of: id)
        case .file(let file):
            guard let aggregate = try file.aggregate(id) else { return [] }
            return try file.references(of: aggregate).map { Int(try file.reference(at: $0).offset) }
        }
    }

    /// An index that is written to a file and read again answers as it did in memory.
    private static func checkIndexFile(
        _ index: ActiveIndex, _ links: [ChainLink], _ file: SegmentFile
    ) throws {
        let output = ProbeOutput()
        try IndexBuilder([.active(index)], of: [file.header]).write(to: output)
        let map = output.withBytes { ProbeFile($0) }
        let read = try IndexFile(map, of: [file.header])
        try require(read.coverage == index.coverage, "the index's file covers something else")
        try require(read.aggregateCount == index.aggregateCount, "the index's file lacks aggregates")
        try read.verify()
        try file.withBytes { bytes in try checkIndex(.file(read), links, bytes) }
    }

    // MARK: Reading

    /// Reads a segment in every way.
    /// - Returns: all its events; nil where damage was reported.
    static func readBack(_ file: SegmentFile) throws -> [RecordedEvent]? {
        let log = try ProbeLayout(segments: [file]).open()
        let replayed = try replay(log)
        let paged = try unlessDamaged("Reading pages") { () throws(StoreError) in
            try log.pages(EventQuery(pageEventCountMax: 7))
        }
        let reversed = try unlessDamaged("Reading backwards") { () throws(StoreError) in
            try log.pages(EventQuery(direction: .backwards, pageEventCountMax: 7))
        }
        try require(
            paged == replayed,
            "pages show \(positions(paged)) where the replay shows \(positions(replayed))")
        try require(
            reversed == replayed.map { $0.reversed() },
            "backwards, pages show \(positions(reversed)) where the replay shows \(positions(replayed))")
        guard let replayed else { return nil }
        // A frame of another session, whose checksum was made to hold, is damage to opening and none to a
        // reader, who then shows its events: no more is asked than that no position is left out.
        var expected = file.header.firstPosition
        for event in replayed {
            try require(event.position.rawValue == expected, "position \(expected) is left out")
            // Any number is a time, and every time has a text.
            try require(!event.time.description.isEmpty, "a time has no text")
            expected += 1
        }
        try require(expected == log.recovered.nextPosition, "the last positions are left out")
        for id in Set(replayed.map(\.aggregateID)).prefix(8) {
            try readAggregate(id, log)
        }
        return replayed
    }

    private static func positions(_ events: [RecordedEvent]?) -> String {
        events.map { "positions \($0.map(\.position))" } ?? "damage"
    }

    /// Everything that a replay shows; nil where it reports damage.
    private static func replay(_ log: ProbeLog) throws -> [RecordedEvent]? {
        var events: [RecordedEvent] = []
        var isReadable = true
        let isWhole: Bool? = try unlessDamaged("A replay") { () throws(StoreError) in
            try log.reader.replay(EventQuery(), published: log.published) { fields, bytes in
                for range in [fields.type, fields.aggregateType, fields.contentType, fields.payload]
                where range.lowerBound < 0 || range.upperBound > bytes.byteCount {
                    isReadable = false
                    return false
                }
                if let event = try? fields.recordedEvent(bytes) {
                    events.append(event)
                } else {
                    isReadable = false
                }
                return true
            }
            return true
        }
        return isWhole != nil && isReadable ? events : nil
    }

    /// Reads one aggregate in every way. What the frames state of it need not be true where their checksums
    /// were made to hold, but whatever is shown belongs to it.
    static func readAggregate(_ id: AggregateID, _ log: ProbeLog) throws {
        for scope in [EventQuery.Scope.aggregate(id), .graph(id)] {
            for direction in [EventQuery.Direction.forwards, .backwards] {
                let query = EventQuery(scope, direction: direction, pageEventCountMax: 3)
                let events = try unlessDamaged("Reading \(scope)") { () throws(StoreError) in
                    try log.pages(query)
                }
                for event in events ?? [] {
                    try require(query.covers(event), "an event of another aggregate is shown")
                }
            }
        }
        _ = try unlessDamaged("Asking where an aggregate stands") { () throws(StoreError) in
            try log.reader.status(of: RawIdentifier(id.uuid), published: log.published)
        }
    }
}
