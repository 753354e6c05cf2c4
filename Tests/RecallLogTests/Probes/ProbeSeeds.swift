// Where fuzzing begins: small files that the engine itself wrote, as inputs of the probes. The same in every run,
// so that the files in Fuzz/Corpus can be held against them.

import Foundation
import Recall
import RecallLog
import RecallTestKit

/// Valid inputs for the probes, by name.
enum ProbeSeeds {
    /// A closed store of a few commits of every kind, on a disk of its own.
    private static func store() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = Format.segmentBytesMin
        configuration.readerThreadCount = 1
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_700_000_000_000_000))
        configuration.randomBits = { 0x5EED }
        configuration.checkpointFrameCountMin = 1
        for session in 0 ..< 2 {
            let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
            let first = session * 20 + 1
            _ = try log.appendBlocking(Story.commit(first ... first, of: 1))
            _ = try log.appendBlocking(Story.commit(first + 1 ... first + 5, of: 2, padding: 60))
            var child = Story.event(first + 6, of: 3)
            child.rootID = Story.aggregate(1)
            child.metadata = ["correlation": "c-1", "causation": "c-0"]
            child.tags = ["order:7", "customer:9"]
            child.schemaVersion = 300
            child.contentType = "text/plain"
            child.time = Timestamp(microsecondsSince1970: -1)
            _ = try log.appendBlocking(Commit(events: [child, Story.event(first + 7, of: 1)]))
            try log.closeBlocking()
        }
        return disk
    }

    private static func segment() throws -> (disk: SimulatedDisk, bytes: [UInt8], frames: [FrameHeader]) {
        let disk = try store()
        let path = "/store/segments/0000000001.segment"
        let bytes = disk.contents(of: path) ?? []
        var frames: [FrameHeader] = []
        try bytes.withUnsafeBytes { buffer in
            let header = try SegmentHeader(decoding: buffer.bytes)
            var offset = Format.headerCopiesSize
            while let frame = try? FrameHeader.decode(buffer.bytes, at: offset, in: header) {
                frames.append(frame)
                offset = frame.endOffset
            }
        }
        return (disk, bytes, frames)
    }

    static func frames() throws -> [String: Data] {
        let (_, bytes, frames) = try segment()
        let region = bytes[Format.headerCopiesSize ..< (frames.last?.endOffset ?? Format.headerCopiesSize)]
        var framed: [UInt8] = [2]
        for frame in frames {
            let kind: UInt8 =
                switch frame.kind {
                case .commit: 0
                case .opening: 4
                case .close: 5
                case .dictionary: 6
                case .seal: 7
                }
            framed.append(kind | (frame.isSimple ? 1 : 0) | frame.codec.rawValue << 3 | 0b0100_0000)
            framed += [UInt8(frame.rest.count & 0xFF), UInt8(frame.rest.count >> 8)]
            framed += bytes[frame.rest]
        }
        var damaged = [1] + region
        damaged[region.count / 2] ^= 0xFF
        return [
            "sessions": Data([1] + region), "sessions-framed": Data(framed),
            "sessions-at-the-limit": Data([framed[0] | 0b100] + framed.dropFirst()),
            "one-commit": Data(
                [1]
                    + bytes[
                        Format.headerCopiesSize
                            ..< (frames.dropFirst().first?.endOffset ?? Format.headerCopiesSize)]),
            "sessions-unsealed": Data([0] + region), "sessions-damaged": Data(damaged),
        ]
    }

    static func index() throws -> [String: Data] {
        let (disk, bytes, frames) = try segment()
        let region = bytes[Format.headerCopiesSize ..< (frames.last?.endOffset ?? Format.headerCopiesSize)]
        let index = disk.contents(of: "/store/indexes/0000000001.index") ?? []
        let size = [UInt8(region.count & 0xFF), UInt8(region.count >> 8)]
        return ["sessions": Data([1] + size + region + index), "sessions-alone": Data([1, 0, 0] + index)]
    }

    static func snapshots() throws -> [String: Data] {
        let disk = SimulatedDisk()
        let files = SnapshotFiles(
            disk: disk, directory: "/snapshots", storeID: RawIdentifier(high: 1, low: 2),
            clock: .fixed(at: Timestamp(microsecondsSince1970: 0)))
        for number in 1 ... 6 {
            let text = String(repeating: "state \(number) ", count: number % 2 == 0 ? 1 : 40)
            try files.save(
                Snapshot(
                    aggregateID: Story.aggregate(number % 4), aggregateType: "Tale",
                    version: Version(UInt64(number)), position: Position(UInt64(number * 100)),
                    schemaFingerprint: 7, time: Timestamp(microsecondsSince1970: Int64(number)),
                    payload: Data(text.utf8)))
        }
        try files.remove(Story.aggregate(3))
        let bytes = disk.contents(of: "/snapshots/00000001.snapshots") ?? []
        return ["six": Data([1] + bytes), "torn": Data([1] + bytes.dropLast(30))]
    }
}
