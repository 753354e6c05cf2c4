// A store whose writer was killed, in either layout and on either disk, for tests that damage it or go on with it.

import Recall
import RecallLog
import RecallTestKit
import Testing

/// A store that was not closed, and where the frames of its last segment lie.
struct KilledStore {
    let bench: Bench
    let header: SegmentHeader
    /// The frames of the last segment.
    let frames: [FrameHeader]
    let eventCount: Int

    /// - Parameters:
    ///   - count: of commits of one event each.
    ///   - noise: how many bytes of an event do not compress: some make several segments.
    init(_ kind: Bench.Kind, durability: Durability, count: Int = 40, noise: Int = 0) throws {
        bench = try Bench(kind, durability: durability)
        eventCount = count
        try Self.write(1 ... count, noise: noise, to: bench)
        let tail = try Self.tail(of: bench)
        header = tail.header
        frames = try Self.frames(of: tail)
    }

    /// Appends without a thread, which would go on for a moment when the log is dropped; and without a close.
    static func write(_ numbers: ClosedRange<Int>, noise: Int = 0, to bench: Bench) throws {
        let log = try bench.open { $0.hasOwnThreads = false }
        for number in numbers {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: noise)]))
        }
    }

    static func tail(of bench: Bench) throws -> SegmentFile {
        let layout = DirectoryLayout(path: bench.path, disk: bench.files, isReadOnly: true)
        let header = try #require(try layout.readStoreHeader())
        let number = try #require(try layout.segmentNumbers().last)
        return try layout.openSegment(number, storeID: header.storeID)
    }

    static func frames(of tail: SegmentFile) throws -> [FrameHeader] {
        var frames: [FrameHeader] = []
        _ = try SegmentWalk(tail, from: IndexCoverage(startOf: tail.header)) { link, _ in
            frames.append(link.frame)
        }
        return frames
    }

    var tailPath: String { "\(bench.path)/segments/000000000\(header.number).segment" }

    /// The frames of the commits of the last segment.
    var commits: [FrameHeader] { frames.filter { $0.kind == .commit } }

    func bytes() throws -> [UInt8] {
        try Self.tail(of: bench).withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }

    /// Writes into the last segment behind everybody's back.
    func put(_ bytes: [UInt8], at offset: Int) throws {
        let file = try bench.files.open(tailPath, .readWrite)
        try file.write(bytes.span.bytes, at: offset)
        try file.sync()
    }

    /// Three bytes rot.
    func rot(at offset: Int) throws {
        let before = try bytes()[offset ..< offset + 3]
        try put(before.map { $0 ^ 0x55 }, at: offset)
    }
}
