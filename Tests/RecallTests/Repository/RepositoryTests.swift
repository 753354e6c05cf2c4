// Aggregates in and out of a store: what comes back is what went in, whatever the way.

import Foundation
import Recall
import Synchronization
import Testing

struct RepositoryTests {
    let store = FaultyEventStore()
    let ids = AgencyIDs()

    func repository(
        _ change: (inout RepositoryConfiguration) -> Void = { _ in }
    ) -> Repository<Agency> {
        var configuration = RepositoryConfiguration(eventStore: store)
        change(&configuration)
        return Repository(configuration)
    }

    func code<Value>(_ body: () async throws -> Value) async -> RepositoryError.Code? {
        do { _ = try await body() } catch { return (error as? RepositoryError)?.code }
        return nil
    }

    func fullReplay() async throws -> Agency { try await repository().load(ids.agency) }

    @Test func graphComesBackAsItWasSaved() async throws {
        let repository = repository()
        var agency = ids.staged()
        let receipt = try #require(try await repository.save(&agency).commit)
        #expect(receipt.firstPosition == 1 && receipt.lastPosition == 6)
        #expect(
            receipt.versions == [ids.agency: 3, ids.department: 1, ids.team: 1, ids.member: 1])
        #expect(!agency.hasStagedEvents && agency.version == 3)
        #expect(try await fullReplay() == agency)
        #expect(try await repository.load(ids.agency) == agency)
        let page = try await store.read(EventQuery())
        #expect(page.events.map(\.rootID) == Array(repeating: ids.agency, count: 6))
        #expect(
            page.events.map(\.aggregateID)
                == [ids.agency, ids.agency, ids.department, ids.team, ids.member, ids.agency])
        #expect(
            page.events.map(\.aggregateType) == [
                "Agency", "Agency", "Department", "Team", "Member", "Agency",
            ])
        #expect(page.events.map(\.tags) == [["name:MI6"], [], [], [], ["name:James"], []])
        #expect(store.appendCount == 1)
    }

    /// A store may not know the type of what was imported: then the id alone says what an event belongs to.
    @Test func eventsWithoutAnAggregateTypeAreTheAggregates() async throws {
        let named = { (name: String, id: AggregateID, root: AggregateID) in
            NewEvent(
                aggregateID: id, rootID: root, type: "Named", payload: Data(#"{"name":"\#(name)"}"#.utf8))
        }
        let added = NewEvent(
            aggregateID: ids.agency, type: "Added", payload: Data(#"{"id":"\#(ids.department)"}"#.utf8))
        _ = try await store.append(
            Commit(events: [
                named("MI6", ids.agency, ids.agency), added, named("Q", ids.department, ids.agency),
            ]))
        let agency = try await repository().load(ids.agency)
        #expect(agency.name == "MI6" && agency.version == 2)
        #expect(agency.departments[ids.department]?.name == "Q")
        #expect(try await repository().exists(ids.agency))
        try await repository().update(ids.agency) { $0.rename("SIS") }
        #expect(try await fullReplay().name == "SIS")
    }

    /// An event of another type under the same id is another aggregate, which this repository does not know.
    @Test func aggregateOfAnotherTypeDoesNotExistHere() async throws {
        let event = NewEvent(
            aggregateID: ids.agency, aggregateType: "Company", type: "Named",
            payload: Data(#"{"name":"Planet Express"}"#.utf8))
        _ = try await store.append(Commit(events: [event]))
        #expect(try await !repository().exists(ids.agency))
        #expect(await code { try await repository().load(ids.agency) } == .wrongAggregateType)
    }

    @Test func savingNothingWritesNothing() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        #expect(try await repository().save(&agency).commit == nil)
        #expect(store.appendCount == 1)
    }

    @Test func whatWasNeverSavedIsNotFound() async throws {
        #expect(await code { try await repository().load(ids.agency) } == .notFound)
        #expect(try await !repository().exists(ids.agency))
        var agency = ids.staged()
        try await repository().save(&agency)
        #expect(try await repository().exists(ids.agency))
        #expect(try await !repository().exists(ids.member))
        #expect(await code { try await repository().load(ids.member) } == .notFound)
        #expect(try await !Repository<Solo>(eventStore: store).exists(ids.agency))
        #expect(
            await code { try await Repository<Solo>(eventStore: store).load(ids.agency) }
                == .wrongAggregateType)
    }

    @Test func changesOfOthersAreSeenByARootInMemory() async throws {
        let mine = repository()
        let other = repository()
        var agency = ids.staged()
        try await mine.save(&agency)
        try await other.update(ids.agency) { agency in
            agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("Bond")
            agency.rename("SIS")
        }
        let seen = try await mine.load(ids.agency)
        #expect(seen.name == "SIS")
        #expect(seen.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.name == "Bond")
        #expect(try await fullReplay() == seen)
    }

    @Test func loadingFromMemoryReadsOnlyTheLastEvent() async throws {
        let repository = repository()
        var agency = ids.staged()
        try await repository.save(&agency)
        store.change { $0.readEventCount = 0 }
        _ = try await repository.load(ids.agency)
        #expect(store.readEventCount == 1)
        repository.removeAllFromMemory()
        _ = try await repository.load(ids.agency)
        #expect(store.readEventCount == 7)
    }

    @Test(arguments: [0, 1, 1000])
    func identityMapOfAnySizeChangesNothing(countMax: Int) async throws {
        let repository = repository { $0.identityMapCountMax = countMax }
        let many = (0 ..< 5).map { _ in AgencyIDs() }
        for ids in many {
            var agency = ids.staged()
            try await repository.save(&agency)
        }
        for ids in many { try await repository.update(ids.agency) { $0.rename("\(ids.agency)") } }
        for ids in many { #expect(try await repository.load(ids.agency).name == "\(ids.agency)") }
    }

    @Test func changeOfAChildConflictsWithAChangeOfTheRootAndBack() async throws {
        let repository = repository()
        var first = ids.staged()
        try await repository.save(&first)
        var second = first
        first.departments[ids.department]?.rename("one")
        second.rename("two")
        var third = second
        try await repository.save(&first)
        #expect(await code { try await repository.save(&second) } == .conflict)
        #expect(second.stagedNames == ["two"])
        third.departments[ids.department]?.teams[ids.team]?.rename("three")
        #expect(await code { try await repository.save(&third) } == .conflict)
        #expect(try await fullReplay().name == "MI6")
    }

    @Test func newAggregateUnderATakenIDIsAConflict() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        var other = ids.staged()
        #expect(await code { try await repository().save(&other) } == .conflict)
        #expect(
            await code { try await repository().create(ids.agency) { $0.rename("x") } } == .alreadyExists)
    }

    @Test func updateTriesAgainAfterAConflict() async throws {
        let repository = repository()
        var agency = ids.staged()
        try await repository.save(&agency)
        store.change { state in
            state.beforeNextAppend = { [store, ids] in
                try await Repository<Agency>(eventStore: store.inner).update(ids.agency) {
                    $0.rename("theirs")
                }
            }
        }
        var seen: [String] = []
        let saved = try await repository.update(ids.agency) { agency in
            seen.append(agency.name)
            agency.addOffice(AggregateID())
            return agency.offices.count
        }
        #expect(seen == ["MI6", "theirs"] && saved.result == 2)
        #expect(saved.aggregate.name == "theirs" && !saved.aggregate.hasStagedEvents)
        #expect(saved.receipt.lastPosition == 8)
        store.change { state in
            state.beforeNextAppend = { [store, ids] in
                try await Repository<Agency>(eventStore: store.inner).update(ids.agency) {
                    $0.rename("again")
                }
            }
        }
        #expect(
            await code { try await repository.update(ids.agency, timeout: .zero) { $0.rename("no") } }
                == .conflict)
        #expect(try await fullReplay().name == "again")
    }

    /// Also across children that are new themselves.
    @Test func eventsAreStoredInTheOrderOfTheirCommands() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        let stored = try await store.read(EventQuery()).events.map(\.aggregateID)
        #expect(stored == [ids.agency, ids.agency, ids.department, ids.team, ids.member, ids.agency])
    }

    @Test func graphOfMoreThanOnePageComesBackWhole() async throws {
        var agency = Agency(id: ids.agency)
        for number in 1 ... 1500 { agency.rename("\(number)") }
        try await repository().save(&agency)
        #expect(try await fullReplay().name == "1500")
    }

    @Test func concurrentUpdatesAllArrive() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        let repositories = [repository(), repository { $0.identityMapCountMax = 0 }]
        try await withThrowingTaskGroup { group in
            for index in 0 ..< 8 {
                group.addTask { [ids] in
                    for _ in 0 ..< 10 {
                        try await repositories[index % 2].update(ids.agency, timeout: .seconds(3600)) {
                            agency in
                            let count =
                                agency.departments[ids.department]?.teams[ids.team]?.members.count ?? 0
                            agency.departments[ids.department]?.teams[ids.team]?.rename("\(count)")
                            agency.departments[ids.department]?.teams[ids.team]?.add(AggregateID())
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let team = try #require(try await fullReplay().departments[ids.department]?.teams[ids.team])
        #expect(team.members.count == 81 && team.name == "80" && team.version == 161)
        for repository in repositories { #expect(try await repository.load(ids.agency) == fullReplay()) }
    }

    struct Rename: Command {
        enum Refusal: Error { case empty }
        var name: String
        func execute(on agency: inout Agency) throws(Refusal) {
            agency.rename(name)
            if name.isEmpty { throw .empty }
        }
    }

    @Test func refusedCommandLeavesNothing() async throws {
        let repository = repository()
        try await repository.perform(Rename(name: "one"), creating: ids.agency)
        await #expect(throws: Rename.Refusal.empty) {
            try await repository.perform(Rename(name: ""), on: ids.agency)
        }
        await #expect(throws: Rename.Refusal.empty) {
            try await repository.perform(Rename(name: ""), creating: AggregateID())
        }
        let loaded = try await repository.load(ids.agency)
        #expect(loaded.name == "one" && loaded.version == 1 && !loaded.hasStagedEvents)
        try await repository.perform(Rename(name: "two"), on: ids.agency, metadata: ["correlationId": "c"])
        let last = try await store.read(EventQuery(direction: .backwards, limit: 1)).events.first
        #expect(last?.position == 2 && last?.metadata.correlationID == "c")
    }

    @Test func saveWhoseAnswerWasLostIsStoredOnce() async throws {
        let repository = repository()
        var agency = ids.staged()
        store.change { $0.losesNextAnswer = true }
        #expect(await code { try await repository.save(&agency) } == .store)
        #expect(agency.hasStagedEvents)
        let receipt = try #require(try await repository.save(&agency).commit)
        #expect(receipt.wasStoredBefore && !agency.hasStagedEvents)
        #expect(try await store.lastPosition() == 6)
        agency.rename("next")
        try await repository.save(&agency)
        #expect(try await fullReplay() == agency)
    }

    @Test func eventsOfARemovedChildAreStoredAndSkippedOnLoading() async throws {
        let repository = repository()
        var agency = ids.staged()
        agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.rename("gone")
        agency.departments[ids.department]?.teams[ids.team]?.remove(ids.member)
        try await repository.save(&agency)
        #expect(try await store.lastPosition() == 8)
        try await repository.update(ids.agency) { $0.remove(ids.department) }
        let loaded = try await fullReplay()
        #expect(loaded.departments.isEmpty && loaded.offices.count == 1)
    }

    @Test func childMayComeBackUnderItsID() async throws {
        let repository = repository()
        var agency = ids.staged()
        agency.offices[ids.office]?.rename("first")
        try await repository.save(&agency)
        try await repository.update(ids.agency) { $0.remove(ids.office) }
        agency = try await repository.load(ids.agency)
        agency.addOffice(ids.office)
        agency.offices[ids.office]?.rename("second")
        try await repository.save(&agency)
        #expect(agency.offices[ids.office]?.version == 2 && agency.offices[ids.office]?.name == "second")
        agency.offices[ids.office]?.rename("third")
        agency.remove(ids.office)
        agency.addOffice(ids.office)
        agency.offices[ids.office]?.rename("fourth")
        try await repository.save(&agency)
        #expect(agency.offices[ids.office]?.version == 4)
        agency.offices[ids.office]?.rename("fifth")
        try await repository.save(&agency)
        #expect(try await fullReplay() == agency)
        #expect(agency.offices[ids.office]?.version == 5 && agency.offices[ids.office]?.name == "fifth")
    }

    @Test func childOfAnotherRootIsRefused() async throws {
        let repository = repository()
        var agency = ids.staged()
        agency.offices[ids.office]?.rename("mine")
        try await repository.save(&agency)
        var other = Agency(id: AggregateID())
        other.addOffice(ids.office)
        other.offices[ids.office]?.rename("theirs")
        #expect(await code { try await repository.save(&other) } == .entityOfAnotherRoot)
        #expect(try await store.lastPosition() == 7)
    }

    @Test func pastComesBackByVersionAndByTime() async throws {
        let moment = Mutex<Int64>(0)
        let repository = repository { configuration in
            configuration.clock = WallClock {
                Timestamp(
                    microsecondsSince1970: moment.withLock {
                        $0 += 10; return $0
                    })
            }
        }
        var agency = ids.staged()
        try await repository.save(&agency)  // at 10; root versions 1...3
        try await repository.update(ids.agency) { $0.offices[ids.office]?.rename("London") }  // at 20
        try await repository.update(ids.agency) { $0.rename("SIS") }  // at 30; root version 4
        let three = try await repository.load(ids.agency, asOf: .version(3))
        #expect(three.name == "MI6" && three.version == 3 && three.offices[ids.office]?.name == "London")
        let one = try await repository.load(ids.agency, asOf: .version(1))
        #expect(one.name == "MI6" && one.departments.isEmpty)
        #expect(try await repository.load(ids.agency, asOf: .version(4)).name == "SIS")
        #expect(await code { try await repository.load(ids.agency, asOf: .version(5)) } == .versionNotReached)
        #expect(await code { try await repository.load(ids.agency, asOf: .version(0)) } == .notFound)
        func at(_ time: Int64) async throws -> Agency {
            try await repository.load(ids.agency, asOf: .time(Timestamp(microsecondsSince1970: time)))
        }
        #expect(await code { try await at(9) } == .notFound)
        #expect(try await at(10).offices[ids.office]?.name == "")
        #expect(try await at(29).offices[ids.office]?.name == "London")
        #expect(try await at(29).name == "MI6")
        #expect(try await at(99).name == "SIS")
        var past = three
        past.rename("never")
        #expect(await code { try await repository.save(&past) } == .conflict)
    }

    /// One event was stored under a clock a day ahead, and a hundred after it under the right one: `load(asOf:)` stopped at the
    /// first event from the future, and showed 1 of 101.
    @Test func pastIsNotCutOffByAClockThatRanAhead() async throws {
        let moment = Mutex<Int64>(1_000)
        let repository = repository { configuration in
            configuration.clock = WallClock { Timestamp(microsecondsSince1970: moment.withLock { $0 }) }
        }
        var agency = ids.staged()
        try await repository.save(&agency)
        moment.withLock { $0 = 90_000_000_000 }
        try await repository.update(ids.agency) { $0.rename("Universal Exports") }
        for number in 1 ... 99 {
            moment.withLock { $0 = 2_000 + Int64(number) }
            try await repository.update(ids.agency) { $0.rename("Station \(number)") }
        }
        func at(_ time: Int64) async throws -> Agency {
            try await repository.load(ids.agency, asOf: .time(Timestamp(microsecondsSince1970: time)))
        }
        #expect(try await at(3_000).name == "Station 99")
        #expect(try await at(2_050).name == "Station 50")
        #expect(try await at(2_000).name == "MI6")
        #expect(try await at(90_000_000_000).version == at(3_000).version)
        #expect(await code { try await at(999) } == .notFound)
    }

    /// The versions of children say nothing about the root's.
    @Test func pastVersionIsThatOfTheRoot() async throws {
        var agency = ids.staged()
        for number in 1 ... 5 { agency.offices[ids.office]?.rename("\(number)") }
        agency.rename("SIS")
        try await repository().save(&agency)
        #expect(try await repository().load(ids.agency, asOf: .version(4)).name == "SIS")
    }

    @Test func eventThatCouldNotBeReadBackIsRefused() async throws {
        let repository = Repository<Solo>(eventStore: store)
        var solo = Solo(id: ids.agency)
        solo.stage(.known(Named(name: "ok")))
        solo.stage(.unregistered(Added(id: ids.team)))
        do throws(RepositoryError) {
            try await repository.save(&solo)
            Issue.record("The event was saved.")
        } catch {
            #expect(error.code == .coding && error.codingError?.code == .unregistered)
            #expect(error.message.contains("\"Added\""))
        }
        #expect(try await store.lastPosition() == 0)
    }

    @Test func unknownStoredEventIsNamed() async throws {
        var agency = ids.staged()
        try await repository().save(&agency)
        let foreign = NewEvent(
            aggregateID: ids.agency, aggregateType: "Agency", type: "Exploded", payload: Data("{}".utf8))
        _ = try await store.append(Commit(events: [foreign]))
        do throws(RepositoryError) {
            _ = try await repository().load(ids.agency)
            Issue.record("The event was understood.")
        } catch {
            #expect(error.code == .coding && error.codingError?.position == 7)
            #expect(error.message.contains("\"Exploded\"") && error.message.contains("position 7"))
        }
    }

    @Test func casesStoredUnderOneNameAreRefused() async {
        let repository = Repository<Ambiguous>(eventStore: store)
        var ambiguous = Ambiguous(id: ids.agency)
        ambiguous.stage(.one(Named(name: "x")))
        #expect(await code { try await repository.save(&ambiguous) } == .invalidModel)
        #expect(await code { try await repository.load(ids.agency) } == .invalidModel)
    }
}

/// An aggregate that forgot to register a case.
struct Solo: AggregateRoot {
    enum SoloEvent: Event {
        case known(Named)
        case unregistered(Added)
        var payload: any EventPayload {
            switch self {
            case .known(let payload): payload
            case .unregistered(let payload): payload
            }
        }
        static let cases = [EventCase(Self.known)]
    }
    static let aggregateType: AggregateType = "Solo"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: SoloEvent) {}
}

/// An aggregate with two cases of one name.
struct Ambiguous: AggregateRoot {
    enum AmbiguousEvent: Event {
        case one(Named)
        case two(Named)
        var payload: any EventPayload {
            switch self {
            case .one(let payload), .two(let payload): payload
            }
        }
        static let cases = [EventCase(Self.one), EventCase(Self.two)]
    }
    static let aggregateType: AggregateType = "Ambiguous"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: AmbiguousEvent) {}
}
