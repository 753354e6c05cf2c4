// What stands behind the end of a tail that was not synced: counted by verify, kept by salvage, and copied into a file beside the
// store before the next append writes over it.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct BehindEndTests {
    /// A writer with `interval` was killed, and three bytes of its tail rotted. Half of what it had acknowledged was given up:
    /// verify called the store whole, salvage called the rest never acknowledged, and the next append wrote over it.
    @Test(arguments: Bench.Kind.allCases, [Durability.interval(.seconds(3600)), .system])
    func wholeCommitsBehindARottenOneAreCountedAndKept(_ kind: Bench.Kind, durability: Durability) throws {
        let store = try KilledStore(kind, durability: durability)
        defer { store.bench.remove() }
        let struck = store.commits[9]
        try store.rot(at: struck.offset + 12)
        let before = try store.bytes()

        let report = try Log.verify(at: store.bench.path, disk: store.bench.disk)
        #expect(report.findings.isEmpty && !report.isWhole)
        let rest = try #require(report.behindEnd)
        #expect(rest.segment == 1 && rest.offset == struck.offset)
        #expect(rest.commitCount == 30 && rest.eventCount == 30)
        #expect(report.lastPosition == 9)

        let destination = store.bench.path + "-salvaged"
        defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: destination) } }
        let salvaged = try Log.salvage(from: store.bench.path, to: destination, disk: store.bench.disk)
        #expect(salvaged.eventCount == 39)
        #expect(Self.positions(salvaged.losses) == [10 ... 10])
        #expect(salvaged.notes.contains { $0.reason.hasPrefix("30 whole commits with 30 events") })
        let copy = try Log.openBlocking(at: destination, access: .readOnly, disk: store.bench.disk)
        #expect(try copy.numbers() == Array(1 ... 9) + Array(11 ... 40))

        // Opening alone changes nothing; the first append keeps what it cuts off.
        let log = try store.bench.open()
        #expect(log.keptTail == nil)
        #expect(try store.bytes() == before)
        #expect(try log.numbers() == Array(1 ... 9))
        _ = try log.appendBlocking(Story.commit(100 ... 100, of: 1))
        let kept = try #require(log.keptTail)
        #expect(kept.segment == 1 && kept.offset == struck.offset)
        #expect(kept.commitCount == 30 && kept.eventCount == 30)
        defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: kept.path) } }
        let file = try store.bench.disk.bytes(of: kept.path)
        let end = try #require(store.commits.last).endOffset
        #expect(file.count == end)
        #expect(file[..<store.header.framesOffset] == before[..<store.header.framesOffset])
        #expect(file[struck.offset...] == before[struck.offset ..< end])
        let header = try file.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
        for frame in store.commits[10...] {
            #expect(try FrameHeader.decode(file.span.bytes, at: frame.offset, in: header) == frame)
        }

        // From then on the log goes on as it does after any torn end.
        #expect(try log.numbers() == Array(1 ... 9) + [100])
        try log.close()
        #expect(try Log.verify(at: store.bench.path, disk: store.bench.disk).isWhole)
        let again = try store.bench.open()
        _ = try again.appendBlocking(Story.commit(101 ... 101, of: 1))
        #expect(again.keptTail == nil)
        #expect(try again.numbers() == Array(1 ... 9) + [100, 101])
    }

    /// Several places rot: all that is whole is kept, and each place is listed.
    @Test(arguments: Bench.Kind.allCases)
    func salvageGoesOnBehindEachPlace(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .system)
        defer { store.bench.remove() }
        for index in [9, 19, 20, 39] { try store.rot(at: store.commits[index].offset + 12) }
        let destination = store.bench.path + "-salvaged"
        defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: destination) } }
        let report = try Log.salvage(from: store.bench.path, to: destination, disk: store.bench.disk)
        #expect(Self.positions(report.losses) == [10 ... 10, 20 ... 21])
        let copy = try Log.openBlocking(at: destination, access: .readOnly, disk: store.bench.disk)
        #expect(try copy.numbers() == (1 ... 40).filter { ![10, 20, 21, 40].contains($0) })
        let rest = try #require(Log.verify(at: store.bench.path, disk: store.bench.disk).behindEnd)
        #expect(rest.commitCount == 27)
    }

    /// What cannot be kept is not written over: the append is refused, and a later one tries again.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func appendIsRefusedWhereTheRestCannotBeKept(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .system)
        let disk = try #require(store.bench.disk as? SimulatedDisk)
        try store.rot(at: store.commits[9].offset + 12)
        let before = try store.bytes()
        let log = try store.bench.open()
        disk.plan(SimulatedFault(.write, pathPart: "cut-", number: 28))
        let error = #expect(throws: StoreError.self) {
            try log.appendBlocking(Story.commit(100 ... 100, of: 1))
        }
        #expect(error?.message.contains("may have been acknowledged") == true)
        #expect(try store.bytes() == before)
        _ = try log.appendBlocking(Story.commit(100 ... 100, of: 1))
        #expect(log.keptTail?.commitCount == 30)
        #expect(try log.numbers() == Array(1 ... 9) + [100])
    }

    /// A store that is one file was moved away, and another file has its name: nothing is put beside that.
    @Test func nothingIsKeptBesideAnotherFile() throws {
        let store = try KilledStore(.simulatedFile, durability: .system)
        let disk = try #require(store.bench.disk as? SimulatedDisk)
        try store.rot(at: store.commits[9].offset + 12)
        let log = try store.bench.open()
        #expect(disk.move("/store.recall", to: "/elsewhere"))
        _ = try disk.open("/store.recall", .createNew)
        #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(100 ... 100, of: 1)) }
        #expect(try disk.list("/") == ["elsewhere", "store.recall"])
    }

    /// The power fails at any moment of the first append: what stood behind the end is there, or kept, whole.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func whatStoodBehindTheEndIsNeverNowhere(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .commit)
        let disk = try #require(store.bench.disk as? SimulatedDisk)
        // All of it is on the disk, and nothing says so of the last ten: they are as an interval leaves them.
        try store.put(Self.unstated(Array(store.commits[30...]), in: store), at: store.commits[30].offset)
        try store.rot(at: store.commits[29].offset + 12)
        let expected = Array(try store.bytes()[store.commits[30].offset ..< store.commits[39].endOffset])
        try #require(Log.verify(at: store.bench.path, disk: disk).behindEnd?.commitCount == 10)
        let log = try store.bench.open()
        disk.startRecording()
        _ = try log.appendBlocking(Story.commit(100 ... 100, of: 1))
        for (step, found) in disk.finishRecording().enumerated() {
            for crash in [SimulatedCrash.losingEverythingUnsynced, .arbitrary(seed: UInt64(step))] {
                let later = found.crash(crash)
                let directory = kind.isFile ? "/" : "/store"
                let names = try later.list(directory).filter { $0.contains("cut-") && !$0.hasSuffix(".new") }
                let isKept = try names.contains { name in
                    let bytes = try later.bytes(of: kind.isFile ? "/" + name : "/store/" + name)
                    return bytes.suffix(expected.count).elementsEqual(expected)
                }
                let rest = try Log.verify(at: store.bench.path, disk: later).behindEnd
                #expect(isKept || rest?.commitCount == 10, "step \(step), \(crash)")
            }
        }
    }

    private static func positions(_ losses: [SalvageLoss]) -> [ClosedRange<Position>?] {
        losses.map { loss in
            guard let first = loss.firstPosition, let last = loss.lastPosition else { return nil }
            return first ... last
        }
    }

    /// The same frames with a watermark that says nothing of them.
    private static func unstated(_ frames: [FrameHeader], in store: KilledStore) throws -> [UInt8] {
        let bytes = try store.bytes()
        var result: [UInt8] = []
        for frame in frames {
            var copy = Array(bytes[frame.offset ..< frame.endOffset])
            copy[Format.frameHeadOffset] &= ~(Format.watermarkMask << Format.watermarkShift)
            result += TestFrame.sealed(copy, at: frame.offset, in: store.header)
        }
        return result
    }
}
