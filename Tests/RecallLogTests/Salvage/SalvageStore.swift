// Stores for the tests of salvaging: several segments, commits of every kind, and what is known of each commit.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

/// A commit as a store holds it.
struct StoredCommit: Sendable {
    var segment: UInt64
    var offset: Int
    var endOffset: Int
    var bodyOffset: Int
    /// Microseconds since 1970.
    var time: Int64
    var codec: BodyCodec
    var events: [RecordedEvent]

    var positions: ClosedRange<UInt64> {
        let first = events.first?.position.rawValue ?? 0
        return first ... first + UInt64(events.count - 1)
    }

    /// Every commit of a store that is whole, in order.
    static func all(in path: String, _ disk: any Disk) throws -> [StoredCommit] {
        let files = InsideDisk.files(ofStoreAt: path, on: disk)
        let layout = DirectoryLayout(path: path, disk: files, isReadOnly: true)
        let header = try #require(try layout.readStoreHeader())
        let log = try Log.openBlocking(at: path, access: .readOnly, disk: disk)
        let events = try log.allEvents()
        var commits: [StoredCommit] = []
        for number in try layout.segmentNumbers() {
            let file = try layout.openSegment(number, storeID: header.storeID)
            _ = try SegmentWalk(file, from: IndexCoverage(startOf: file.header)) { link, _ in
                guard let commit = link.commit else { return }
                let first = Int(commit.firstPosition) - 1
                commits.append(
                    StoredCommit(
                        segment: number, offset: link.frame.offset, endOffset: link.frame.endOffset,
                        bodyOffset: commit.body.lowerBound,
                        time: commit.time, codec: link.frame.codec,
                        events: Array(events[first ..< first + commit.eventCount])))
            }
        }
        return commits
    }
}

/// A closed store of several segments.
struct SalvageStore {
    let bench: Bench
    let disk: any Disk
    let commits: [StoredCommit]
    let segmentCount: Int

    var path: String { bench.path }
    var destination: String { bench.path + "-salvaged" }

    /// - Parameters:
    ///   - commitCount: about 60 fill a segment.
    ///   - isClosed: whether the session ended cleanly.
    init(
        _ kind: Bench.Kind, commitCount: Int = 260, durability: Durability = .commit, isClosed: Bool = true
    ) throws {
        bench = try Bench(kind, durability: durability)
        disk = bench.disk
        // So that a commit has not the time of its neighbour, or of the day of the test.
        let clock = SteppingClock()
        let log = try bench.open {
            $0.clock = clock.clock
            $0.checkpointFrameCountMin = 1
        }
        for number in 1 ... commitCount {
            var events = [Story.event(number * 10, of: number % 5, noise: 900)]
            if number % 7 == 0 {
                // A child of another root, all that an event can carry, and a time of its own.
                var child = Story.event(number * 10 + 1, of: 50 + number % 3)
                child.rootID = Story.aggregate(number % 4)
                child.metadata = ["correlation": "c-\(number)"]
                child.tags = ["number:\(number)", "all"]
                child.schemaVersion = 3
                child.contentType = "text/plain"
                child.time = Timestamp(microsecondsSince1970: -Int64(number))
                events += [child, Story.event(number * 10 + 2, of: number % 5)]
            }
            _ = try log.appendBlocking(Commit(events: events))
        }
        if isClosed { try log.closeBlocking() }
        commits = try StoredCommit.all(in: bench.path, bench.disk)
        segmentCount = try bench.files.list(bench.path + "/segments").count
        try #require(commits.count == commitCount)
    }

    /// The same store as another disk holds it.
    init(_ other: SalvageStore, on disk: any Disk) {
        bench = other.bench
        self.disk = disk
        commits = other.commits
        segmentCount = other.segmentCount
    }

    func segmentPath(_ number: Int) -> String {
        "\(path)/segments/" + String(repeating: "0", count: 10 - String(number).count) + "\(number).segment"
    }

    func header(_ number: Int) throws -> SegmentHeader {
        try DiskBytes.read(inside.open(segmentPath(number), .readOnly), count: Format.headerSize).withBytes {
            try SegmentHeader(decoding: $0)
        }
    }

    /// The commits of a segment.
    func commits(ofSegment number: Int) -> [StoredCommit] { commits.filter { $0.segment == UInt64(number) } }

    /// The disk that the store's files are on.
    var inside: any Disk { InsideDisk.files(ofStoreAt: path, on: disk) }

    func remove() {
        bench.remove()
        if !bench.kind.isSimulated { try? FileManager.default.removeItem(atPath: destination) }
    }

    // MARK: Damage

    func flip(_ path: String, at offset: Int) throws {
        let file = try inside.open(path, .readWrite)
        let byte = try DiskBytes.read(file, from: offset, count: 1).withBytes {
            $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        }
        try file.write([byte ^ 0x10].span.bytes, at: offset)
    }

    func write(_ bytes: [UInt8], to path: String, at offset: Int) throws {
        try inside.open(path, .readWrite).write(bytes.span.bytes, at: offset)
    }

    func truncate(_ path: String, to size: Int) throws {
        let file = try inside.open(path, .readWrite)
        try file.truncate(to: size)
        try file.sync()
    }

    func bytes(of path: String) throws -> [UInt8] {
        let file = try inside.open(path, .readOnly)
        return try DiskBytes.read(file, count: file.size()).withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    /// Every file of the store, by path.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func collect(_ directory: String) throws {
            for name in try inside.list(directory) {
                let path = "\(directory)/\(name)"
                switch try inside.kind(of: path) {
                case .directory: try collect(path)
                case .file: files[path] = try bytes(of: path)
                default: break
                }
            }
        }
        try collect(path)
        return files
    }
}

/// A clock that goes on by a second with each look.
final class SteppingClock: Sendable {
    private let microseconds = Mutex<Int64>(1_000_000_000_000_000)

    var clock: WallClock {
        WallClock { [self] in
            microseconds.withLock { time in
                time += 1_000_001
                return Timestamp(microsecondsSince1970: time)
            }
        }
    }
}
