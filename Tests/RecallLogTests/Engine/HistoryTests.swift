// A store was restored to an earlier moment and went on. `replay --follow` of another process hung for ever in silence, and a player
// whose checkpoint lay behind the new end waited. A store that goes on from an earlier moment is another history, and whoever
// keeps a position is told so.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct HistoryTests {
    private static func append(_ numbers: ClosedRange<Int>, to path: String, _ bench: Bench) throws {
        let log = try Log.openBlocking(at: path, configuration: bench.configuration, disk: bench.disk)
        for number in numbers { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        try log.closeBlocking()
    }

    private static func reader(_ path: String, _ bench: Bench) throws -> Log {
        var configuration = bench.configuration
        configuration.followingProofInterval = .zero
        return try Log.openBlocking(
            at: path, access: .readOnly, configuration: configuration, disk: bench.disk)
    }

    private static func beside(_ bench: Bench, _ name: String) -> String {
        bench.path + "-" + name + (bench.kind.isFile ? SingleFileDisk.suffix : "")
    }

    private static func code(_ body: () throws -> some Any) -> StoreError.Code? {
        do {
            _ = try body()
            return nil
        } catch { return (error as? StoreError)?.code }
    }

    /// A cursor of a store, behind a position.
    private static func cursor(_ position: Position, in log: Log) throws -> EventCursor {
        var query = EventQuery(positions: .first ... position)
        query.cursor = .start
        return try #require(try log.readBlocking(query).cursor)
    }

    @Test(arguments: Bench.Kind.allCases)
    func restoredStoreIsAnotherHistory(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        let restored = Self.beside(bench, "restored")
        defer {
            bench.remove()
            if !kind.isSimulated { try? FileManager.default.removeItem(atPath: restored) }
        }
        try Self.append(1 ... 10, to: bench.path, bench)
        let old = try bench.open(.readOnly)
        let (at3, at8) = (try Self.cursor(3, in: old), try Self.cursor(8, in: old))
        #expect(at3.history == old.history && at8.eventID == Story.eventID(8))
        _ = try Log.restore(from: bench.path, on: bench.disk, to: restored, upTo: .position(5))
        try Self.append(21 ... 26, to: restored, bench)
        let log = try Self.reader(restored, bench)
        #expect(log.history.storeID == old.history.storeID)
        #expect(log.history.incarnation != old.history.incarnation)
        func code(_ cursor: EventCursor) -> StoreError.Code? {
            Self.code { try log.readBlocking(EventQuery().after(cursor)) }
        }
        #expect(code(at8) == .anotherHistory)
        // The history alone tells it, where the two do not differ yet.
        #expect(code(at3) == .anotherHistory)
        // Who takes the event for proof enough goes on.
        #expect(code(EventCursor(position: 3, eventID: Story.eventID(3))) == nil)
        #expect(code(EventCursor(position: 8, eventID: Story.eventID(8))) == .anotherHistory)
        #expect(code(EventCursor(position: 12)) == .anotherHistory)
        #expect(code(try Self.cursor(9, in: log)) == nil)
        #expect(try Log.verify(at: restored, disk: bench.disk).isWhole)
    }

    /// What is only moved into the other layout, or backed up, is the same history.
    @Test func copyIsTheSameHistoryUntilItGoesOn() throws {
        let bench = try Bench(.simulated)
        try Self.append(1 ... 10, to: bench.path, bench)
        let history = try bench.open(.readOnly).history
        _ = try Log.pack(bench.path, on: bench.disk, into: "/packed.recall")
        _ = try Log.backup(at: bench.path, on: bench.disk, to: "/backup")
        for path in ["/packed.recall", "/backup"] {
            #expect(try Self.reader(path, bench).history == history, "\(path)")
        }
        // A restored store may be backed up where it came from, as long as that holds no more than it does.
        _ = try Log.restore(from: "/backup", on: bench.disk, to: "/restored")
        try Self.append(11 ... 12, to: "/restored", bench)
        _ = try Log.backup(at: "/restored", on: bench.disk, to: "/backup")
        let restored = try Self.reader("/restored", bench).history
        #expect(restored != history && restored.storeID == history.storeID)
        #expect(try Self.reader("/backup", bench).history == restored)
        #expect(try Log.verify(at: "/backup", disk: bench.disk).isWhole)
        #expect(Self.code { try Log.backup(at: bench.path, on: bench.disk, to: "/backup") } == .unavailable)
    }

    /// A directory that was copied by other means has the same incarnation, and the ids of its events tell.
    @Test func copyThatWentOnByItselfIsToldByItsEvents() throws {
        let bench = try Bench(.simulated)
        try Self.append(1 ... 5, to: bench.path, bench)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let copy = Bench(bench, on: disk.kill())
        try Self.append(6 ... 8, to: bench.path, bench)
        try Self.append(26 ... 28, to: copy.path, copy)
        let cursor = try Self.cursor(7, in: bench.open(.readOnly))
        let other = try copy.open(.readOnly)
        #expect(try other.history == bench.open(.readOnly).history)
        #expect(Self.code { try other.readBlocking(EventQuery().after(cursor)) } == .anotherHistory)
        #expect(
            Self.code {
                try other.readBlocking(EventQuery().after(Self.cursor(5, in: bench.open(.readOnly))))
            } == nil)
    }

    /// The files of a store become those of an earlier moment, in their places, while another process follows it.
    @Test(arguments: Bench.Kind.allCases)
    func followerIsToldThatItsStoreWentBack(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        try Self.append(1 ... 5, to: bench.path, bench)
        let segment = bench.path + "/segments/0000000001.segment"
        let earlier = try bench.files.bytes(of: segment)
        let header = try bench.files.bytes(of: bench.path + "/store")
        let log = try Self.reader(bench.path, bench)
        try Self.append(6 ... 9, to: bench.path, bench)
        #expect(try log.lastPositionBlocking() == 9)
        #expect(try log.lastPositionBlocking() == 9)
        try bench.files.open(segment, .readWrite).write(earlier.span.bytes, at: 0)
        try bench.files.open(bench.path + "/store", .readWrite).write(header.span.bytes, at: 0)
        #expect(Self.code { try log.lastPositionBlocking() } == .anotherHistory)
    }

    /// The store is removed and restored under its name.
    @Test(arguments: [Bench.Kind.real, .simulated])
    func followerIsToldThatItsStoreWasRestored(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        let elsewhere = Self.beside(bench, "elsewhere")
        defer {
            bench.remove()
            if !kind.isSimulated { try? FileManager.default.removeItem(atPath: elsewhere) }
        }
        try Self.append(1 ... 9, to: bench.path, bench)
        let log = try Self.reader(bench.path, bench)
        #expect(try log.lastPositionBlocking() == 9)
        _ = try Log.restore(from: bench.path, on: bench.disk, to: elsewhere, upTo: .position(4))
        for name in ["store", "segments/0000000001.segment"] {
            let bytes = try bench.disk.bytes(of: elsewhere + "/" + name)
            try bench.disk.delete(bench.path + "/" + name)
            try bench.disk.put(bytes, at: bench.path + "/" + name)
        }
        #expect(Self.code { try log.lastPositionBlocking() } == .anotherHistory)
        #expect(Self.code { try log.allEvents() } == .anotherHistory)
        #expect(try Self.reader(bench.path, bench).numbers() == [1, 2, 3, 4])
    }
}
