// Crashes at every call that changes the disk, and failures of single calls. A cache may lose what it
// likes; what it must not do is bring back what was removed, mix bytes up, or stop working.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SnapshotCrashTests {
    enum Step: Sendable {
        case save(UInt8, UInt64, Int)
        case remove(UInt8)
        case compact
    }

    /// What every aggregate's snapshot is after some steps, and which ones may not come back.
    struct Model {
        var latest: [UInt8: Snapshot] = [:]
        /// Every snapshot saved since the last removal.
        var possible: [UInt8: [Snapshot]] = [:]

        mutating func apply(_ step: Step) {
            switch step {
            case .save(let number, let position, let size):
                let snapshot = Snapshot.sample(number, at: position, payloadSize: size)
                if let known = latest[number], known.position > snapshot.position { return }
                latest[number] = snapshot
                possible[number, default: []].append(snapshot)
            case .remove(let number):
                latest[number] = nil
                possible[number] = nil
            case .compact: break
            }
        }
    }

    private static let settings: SnapshotSettings = {
        var settings = SnapshotSettings()
        settings.fileBytesMax = 1500
        settings.deadBytesMin = 700
        return settings
    }()

    private static func steps(seed: UInt64) -> [Step] {
        var generator = SeededGenerator(seed: seed)
        return (1 ... 45).map { position in
            let number = UInt8.random(in: 0 ..< 4, using: &generator)
            switch UInt8.random(in: 0 ..< 12, using: &generator) {
            case 0: return .remove(number)
            case 1: return .compact
            default:
                // Now and then an older one.
                let position = UInt64(max(1, position - Int.random(in: 0 ..< 3, using: &generator)))
                return .save(number, position, Int.random(in: 0 ..< 250, using: &generator))
            }
        }
    }

    private static func run(_ step: Step, on files: SnapshotFiles) throws {
        switch step {
        case .save(let number, let position, let size):
            try files.save(.sample(number, at: position, payloadSize: size))
        case .remove(let number): try files.remove(AggregateID(numbered: number))
        case .compact: try files.compact()
        }
    }

    @Test(arguments: TestEffort.seeds(1 ... 3))
    func crashAtEveryCallLosesAtMostSnapshots(seed: UInt64) throws {
        let steps = SnapshotCrashTests.steps(seed: seed)
        var stop = 0
        var isFinished = false
        while !isFinished {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: stop)
            let files = SnapshotRoom(disk, directory: "/s").open(settings: SnapshotCrashTests.settings)
            var model = Model()
            var inFlight = Model()
            isFinished = true
            for step in steps {
                inFlight = model
                inFlight.apply(step)
                do {
                    try SnapshotCrashTests.run(step, on: files)
                    model = inFlight
                } catch {
                    isFinished = false
                    break
                }
            }
            // A removal that failed may have happened or not.
            let crashes =
                [SimulatedCrash.keepingEverything, .losingEverythingUnsynced]
                + (0 ..< 4).map { .arbitrary(seed: seed &* 1_000_003 &+ UInt64(stop) &* 16 &+ $0) }
            for crash in crashes {
                let what: Comment = "seed \(seed), stopped after mutation \(stop), \(crash)"
                let room = SnapshotRoom(disk.crash(crash), directory: "/s")
                let found = room.open(settings: SnapshotCrashTests.settings)
                for number in 0 ..< 4 as Range<UInt8> {
                    let snapshot = try found.latest(of: AggregateID(numbered: number))
                    if crash == .keepingEverything {
                        let either = [model.latest[number], inFlight.latest[number]]
                        #expect(either.contains(snapshot), what)
                    } else if let snapshot {
                        let possible = (model.possible[number] ?? []) + (inFlight.possible[number] ?? [])
                        #expect(possible.contains(snapshot), what)
                    }
                }
                let next = Snapshot.sample(1, at: 10_000)
                try found.save(next)
                #expect(try room.open().latest(of: next.aggregateID) == next, what)
            }
            stop += 1
        }
        #expect(stop > 60, "the steps must reach every kind of call")
    }

    /// Each kind of failure in turn: the call that it strikes says so, nothing is mixed up, and all goes on.
    @Test(arguments: [
        SimulatedOperation.Kind.create, .open, .list, .kind, .write, .sync, .rename, .syncDirectory, .delete,
        .read, .size,
    ])
    func failureOfOneCallIsSurvived(kind: SimulatedOperation.Kind) throws {
        for occurrence in 1 ... 12 {
            let disk = SimulatedDisk()
            let room = SnapshotRoom(disk, directory: "/s")
            try room.open(settings: SnapshotCrashTests.settings).save(.sample(3, at: 1))
            disk.plan(SimulatedFault(kind, occurrence: occurrence, number: EIO))
            let files = room.open(settings: SnapshotCrashTests.settings)
            var saved: [UInt8: [Snapshot]] = [3: [.sample(3, at: 1)]]
            for position in 2 ... 40 as ClosedRange<UInt64> {
                let snapshot = Snapshot.sample(UInt8(position % 3), at: position, payloadSize: 100)
                let code = SnapshotFilesTests.code { try files.save(snapshot) }
                #expect(code == nil || code == .unavailable)
                saved[UInt8(position % 3), default: []].append(snapshot)
                let found = try files.latest(of: snapshot.aggregateID)
                if let found { #expect(saved[UInt8(position % 3)]?.contains(found) == true) }
                if code == nil, kind != .read { #expect(found == snapshot) }
                if position == 20 {
                    _ = SnapshotFilesTests.code { try files.remove(AggregateID(numbered: 3)) }
                }
            }
            disk.forgetFaults()
            for position in 50 ... 52 as ClosedRange<UInt64> {
                try files.save(.sample(UInt8(position % 3), at: position))
            }
            for position in 50 ... 52 as ClosedRange<UInt64> {
                let expected = Snapshot.sample(UInt8(position % 3), at: position)
                #expect(try files.latest(of: expected.aggregateID) == expected, "\(kind) \(occurrence)")
                #expect(try room.open().latest(of: expected.aggregateID) == expected, "\(kind) \(occurrence)")
            }
        }
    }

    @Test func newestWinsWhereAnOlderOneWasSavedUnawares() throws {
        let disk = SimulatedDisk()
        let room = SnapshotRoom(disk, directory: "/s")
        try room.open().save(.sample(1, at: 10))
        // For once the file cannot be opened, so nobody knows of the snapshot in it.
        disk.plan(SimulatedFault(.open, number: EMFILE))
        let files = room.open()
        try files.save(.sample(1, at: 5))
        #expect(try files.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 5))
        #expect(try room.open().latest(of: AggregateID(numbered: 1)) == .sample(1, at: 10))
    }

    @Test func fullDiskKeepsTheSnapshotsThatAreThere() throws {
        let disk = SimulatedDisk()
        let room = SnapshotRoom(disk, directory: "/s")
        let files = room.open()
        try files.save(.sample(1, at: 1))
        disk.setCapacity(bytes: disk.usedBytes + 30)
        let error = #expect(throws: StoreError.self) { try files.save(.sample(1, at: 2)) }
        #expect(error?.message.contains("no space is left") == true)
        #expect(try files.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 1))
        disk.setCapacity(bytes: nil)
        try files.save(.sample(1, at: 3))
        for opened in [files, room.open()] {
            #expect(try opened.latest(of: AggregateID(numbered: 1)) == .sample(1, at: 3))
        }
    }
}
