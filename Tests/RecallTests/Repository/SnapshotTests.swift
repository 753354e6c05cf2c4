// Snapshots are a shortcut: used where they fit, and left aside without a word to the caller where not.

import Foundation
import Recall
import Testing

struct SnapshotTests {
    let store = FaultyEventStore()
    let snapshots = MemorySnapshotStore()
    let ids = AgencyIDs()

    func repository(frequency: Int = 1) -> Repository<Agency> {
        var configuration = RepositoryConfiguration(
            eventStore: store, snapshotStore: snapshots, snapshotFrequency: frequency,
            identityMapCountMax: 0)
        // What is read is counted here.
        configuration.checks = .none
        return Repository(configuration)
    }

    var replayed: Agency {
        get async throws {
            try await Repository<Agency>(eventStore: store).load(ids.agency)
        }
    }

    /// Saves an agency with a snapshot, then changes it without one.
    /// - Parameter change: what happens to the root behind the snapshot.
    func savedWithSnapshot(
        then change: @Sendable (inout Agency) -> Void = { $0.rename("SIS") }
    ) async throws -> Snapshot {
        var agency = ids.staged()
        try await repository().save(&agency)
        try await repository(frequency: 0).update(ids.agency) { agency in
            agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("Bond")
            agency.departments[ids.department]?.add(AggregateID())
            change(&agency)
        }
        return try #require(try await snapshots.latest(of: ids.agency))
    }

    @Test func snapshotIsUsedAndBroughtUpToDate() async throws {
        let snapshot = try await savedWithSnapshot()
        #expect(snapshot.version == 3 && snapshot.position == 6)
        store.change { $0.readEventCount = 0 }
        let loaded = try await repository().load(ids.agency)
        // One to see the version at the snapshot's position, one that it ends with, three behind it.
        #expect(store.readEventCount == 5)
        #expect(try await loaded == replayed)
        #expect(loaded.name == "SIS" && loaded.version == 4)
    }

    @Test func rootFromASnapshotCanBeChangedAndSaved() async throws {
        _ = try await savedWithSnapshot()
        try await repository().update(ids.agency) { agency in
            agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("007")
        }
        #expect(try await repository().load(ids.agency) == replayed)
        #expect(try await snapshots.latest(of: ids.agency)?.position == 10)
    }

    @Test(arguments: [(0, [] as [Position]), (1, [1, 2, 3, 4, 5, 6, 7]), (3, [3, 6]), (7, [7]), (8, [])])
    func snapshotIsMadeWhenItIsDue(frequency: Int, expected: [Position]) async throws {
        var made: [Position] = []
        var agency = Agency(id: ids.agency)
        for index in 1 ... 7 {
            if index > 1 { agency = try await repository(frequency: frequency).load(ids.agency) }
            agency.rename("\(index)")
            try await repository(frequency: frequency).save(&agency)
            if let position = try await snapshots.latest(of: ids.agency)?.position, made.last != position {
                made.append(position)
            }
        }
        #expect(made == expected)
    }

    /// Commits of several events: it is the events that make loading slow, not the commits.
    @Test func eventsAreCountedAndNotCommits() async throws {
        let repository = Repository<Agency>(
            RepositoryConfiguration(eventStore: store, snapshotStore: snapshots, snapshotFrequency: 5))
        var agency = Agency(id: ids.agency)
        var made: [Position] = []
        for number in 1 ... 6 {
            for part in 1 ... 3 { agency.rename("\(number).\(part)") }
            try await repository.save(&agency)
            if let position = try await snapshots.latest(of: ids.agency)?.position, made.last != position {
                made.append(position)
            }
        }
        // Counted anew from each snapshot on: six events are the first that are five or more.
        #expect(made == [6, 12, 18])
    }

    /// What is counted is what loading would have to apply, and a load counts that, too.
    @Test func countBeginsAnewAfterASnapshotWhoeverMadeIt() async throws {
        var agency = Agency(id: ids.agency)
        for part in 1 ... 3 { agency.rename("\(part)") }
        try await repository(frequency: 3).save(&agency)
        #expect(try await snapshots.latest(of: ids.agency)?.position == 3)
        for number in 4 ... 8 {
            try await repository(frequency: 3).update(ids.agency) { $0.rename("\(number)") }
            let expected: Position = number < 6 ? 3 : 6
            #expect(try await snapshots.latest(of: ids.agency)?.position == expected, "\(number)")
        }
    }

    struct Misfit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Snapshot) throws -> Void
        init(_ name: String, _ change: @escaping @Sendable (inout Snapshot) throws -> Void) {
            testDescription = name
            self.change = change
        }
    }

    static func editing(
        _ snapshot: inout Snapshot, _ change: (inout JSONValue) -> Void
    ) throws {
        var value = try JSONValue(parsing: snapshot.payload)
        change(&value)
        value["root"]?["name"] = "WRONG"
        snapshot.payload = value.data
    }

    /// Each would give a wrong name, were it used.
    static let misfits = [
        Misfit("another fingerprint") { snapshot in
            try editing(&snapshot) { _ in }
            snapshot.schemaFingerprint ^= 1
        },
        Misfit("damaged payload") { $0.payload = Data($0.payload.dropLast(5)) },
        Misfit("empty payload") { $0.payload = Data() },
        Misfit("another aggregate type") { snapshot in
            try editing(&snapshot) { _ in }
            snapshot.aggregateType = "Company"
        },
        Misfit("another aggregate in the payload") { snapshot in
            try editing(&snapshot) { $0["root"]?["lifecycle"]?["id"] = .string(UUID().uuidString) }
        },
        Misfit("a version that contradicts the payload") { snapshot in
            try editing(&snapshot) { _ in }
            snapshot.version = 2
        },
        Misfit("a version that contradicts the stream") { snapshot in
            try editing(&snapshot) { $0["root"]?["lifecycle"]?["version"] = 2 }
            snapshot.version = 2
        },
        Misfit("a version ahead of the stream") { snapshot in
            try editing(&snapshot) { $0["root"]?["lifecycle"]?["version"] = 99 }
            snapshot.version = 99
        },
        Misfit("a position ahead of the store") { snapshot in
            try editing(&snapshot) { $0["stamp"]?["position"] = 1000 }
            snapshot.position = 1000
        },
        Misfit("a position of another event") { snapshot in
            try editing(&snapshot) { $0["stamp"]?["position"] = 7 }
            snapshot.position = 7
        },
        Misfit("an event of another history") { snapshot in
            try editing(&snapshot) { $0["stamp"]?["eventID"] = .string(UUID().uuidString) }
        },
    ]

    @Test(arguments: misfits)
    func snapshotThatDoesNotFitIsIgnored(_ misfit: Misfit) async throws {
        // What follows the snapshot must not mend its wrong name.
        var snapshot = try await savedWithSnapshot { $0.addOffice(AggregateID()) }
        try misfit.change(&snapshot)
        try await snapshots.remove(ids.agency)
        try await snapshots.save(snapshot)
        let loaded = try await repository().load(ids.agency)
        #expect(loaded.name == "MI6")
        #expect(try await loaded == replayed)
        // And the next one takes its place.
        try await repository().update(ids.agency) { $0.rename("next") }
        store.change { $0.readEventCount = 0 }
        #expect(try await repository().load(ids.agency).name == "next")
        #expect(store.readEventCount == 2)
    }

    /// Where no event of the root follows, nothing but the stream itself can show it.
    @Test(arguments: [2, 99] as [Int64])
    func snapshotOfAVersionThatTheStreamDidNotHaveIsIgnored(version: Int64) async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        var snapshot = try #require(try await snapshots.latest(of: ids.agency))
        try Self.editing(&snapshot) { $0["root"]?["lifecycle"]?["version"] = .integer(version) }
        snapshot.version = Version(UInt64(version))
        try await snapshots.save(snapshot)
        let loaded = try await repository().load(ids.agency)
        #expect(loaded.version == 3 && loaded.name == "MI6")
    }

    @Test func snapshotOfARootOfAnotherVersionIsIgnored() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        var snapshot = try #require(try await snapshots.latest(of: ids.agency))
        try Self.editing(&snapshot) { $0["root"]?["lifecycle"]?["version"] = 2 }
        try await snapshots.save(snapshot)
        let loaded = try await repository().load(ids.agency)
        #expect(loaded.version == 3 && loaded.name == "MI6")
    }

    @Test func failedRoutingKeepsNoSnapshotFromBeingMade() async throws {
        struct Broken: Error {}
        var router = CallbackRouter()
        router.onAll { _ in throw Broken() }
        let repository = Repository<Agency>(
            RepositoryConfiguration(
                eventStore: store, snapshotStore: snapshots, router: router, snapshotFrequency: 1))
        var agency = ids.staged()
        let receipt = try await repository.save(&agency)
        #expect(receipt.routing.unrouted != nil)
        #expect(try await snapshots.latest(of: ids.agency)?.version == 3)
    }

    @Test func snapshotOfAnAggregateThatTheStoreDoesNotHoldIsIgnored() async throws {
        let snapshot = try await savedWithSnapshot()
        let other = Repository<Agency>(
            RepositoryConfiguration(eventStore: MemoryEventStore(), snapshotStore: snapshots))
        #expect(snapshot.version == 3)
        await #expect { _ = try await other.load(ids.agency) } throws: {
            ($0 as? RepositoryError)?.code == .notFound
        }
    }

    @Test func rootInMemoryOfAnotherHistoryIsReadAnew() async throws {
        // The same positions, another story: as after a restore behind the repository's back.
        let switching = SwitchingEventStore()
        let repository = Repository<Agency>(eventStore: switching)
        var agency = ids.staged()
        try await repository.save(&agency)
        switching.restart()
        var other = Agency(id: ids.agency)
        for index in 1 ... 8 { other.rename("other \(index)") }
        try await Repository<Agency>(eventStore: switching).save(&other)
        #expect(try await repository.load(ids.agency).name == "other 8")
    }

    /// A store that went back to before the aggregate was there: what is in memory is of no history any more.
    @Test func rootInMemoryThatTheStoreDoesNotHoldIsNotFound() async throws {
        let switching = SwitchingEventStore()
        let repository = Repository<Agency>(eventStore: switching)
        var agency = ids.staged()
        try await repository.save(&agency)
        #expect(try await repository.load(ids.agency).name == "MI6")
        switching.restart()
        await #expect { _ = try await repository.load(ids.agency) } throws: {
            ($0 as? RepositoryError)?.code == .notFound
        }
    }

    @Test func failuresOfTheSnapshotStoreNeverReachTheCaller() async throws {
        let repository = Repository<Agency>(
            RepositoryConfiguration(
                eventStore: store, snapshotStore: BrokenSnapshotStore(), snapshotFrequency: 1,
                identityMapCountMax: 0))
        var agency = ids.staged()
        try await repository.save(&agency)
        try await repository.update(ids.agency) { $0.rename("fine") }
        #expect(try await repository.load(ids.agency).name == "fine")
    }
}
