// States held against what their events give. A property that was set without an event was kept in memory and in snapshots and
// lost with them; a snapshot made before `apply`, an upcaster or an initial value changed was gone on from in silence, while
// README said that a snapshot never costs a wrong state.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

struct StateCheckTests {
    let store = FaultyEventStore()
    let snapshots = MemorySnapshotStore()
    let ids = AgencyIDs()

    func repository<Root: AggregateRoot>(
        _ type: Root.Type = Agency.self, checks: StateChecks = .none, frequency: Int = 1,
        upcasters: Upcasters = []
    ) -> Repository<Root> {
        var configuration = RepositoryConfiguration(
            eventStore: store, snapshotStore: snapshots, coder: EventCoder(upcasters: upcasters),
            snapshotFrequency: frequency, identityMapCountMax: 0)
        configuration.checks = checks
        return Repository(configuration)
    }

    static let savesOnly = StateChecks(comparesAtSave: true, snapshotSampleRate: 0)

    // MARK: State without an event

    struct Careless: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var change: @Sendable (inout Agency, AgencyIDs) -> Void
        init(_ name: String, at path: String, _ change: @escaping @Sendable (inout Agency, AgencyIDs) -> Void)
        {
            (testDescription, self.path, self.change) = (name, path, change)
        }
    }

    static let careless = [
        Careless("a property beside an event", at: "name") { agency, _ in
            agency.addOffice(AggregateID())
            agency.name = "careless"
        },
        Careless("a property before an event", at: "name") { agency, _ in
            agency.name = "careless"
            agency.addOffice(AggregateID())
        },
        Careless("nothing but a property", at: "name") { agency, _ in agency.name = "careless" },
        Careless("a property of a child", at: "offices[0].name") { agency, ids in
            agency.offices[ids.office]?.name = "careless"
            agency.rename("SIS")
        },
        Careless("a property far below", at: "departments[0].teams[0].members[0].name") { agency, ids in
            agency.departments[ids.department]?.teams[ids.team]?.members[ids.member]?.name = "careless"
        },
        Careless("a child that came without an event", at: "offices") { agency, _ in
            agency.offices.insert(Member(id: AggregateID()))
            agency.rename("SIS")
        },
        Careless("a child that went without an event", at: "departments") { agency, ids in
            agency.departments.remove(ids.department)
            agency.rename("SIS")
        },
    ]

    @Test(arguments: careless)
    func stateWithoutAnEventIsRefused(_ careless: Careless) async throws {
        let repository = repository(checks: Self.savesOnly)
        try await repository.create(ids.agency) { $0 = ids.staged() }
        let updated = await #expect(throws: RepositoryError.self) {
            try await repository.update(ids.agency) { careless.change(&$0, ids) }
        }
        #expect(updated?.code == .stateWithoutEvent)
        #expect(updated?.message.contains("\(careless.path) is ") == true)
        var loaded = try await repository.load(ids.agency)
        careless.change(&loaded, ids)
        let saved = await #expect(throws: RepositoryError.self) { try await repository.save(&loaded) }
        #expect(saved?.code == .stateWithoutEvent)
        #expect(try await store.lastPosition() == 6)
    }

    @Test func newAggregateWithStateOfNoEventIsRefused() async throws {
        let created = await #expect(throws: RepositoryError.self) {
            try await repository(checks: Self.savesOnly).create { agency in
                agency.name = "careless"
                agency.addOffice(ids.office)
            }
        }
        #expect(created?.code == .stateWithoutEvent)
        #expect(try await store.lastPosition() == 0)
    }

    #if DEBUG
    @Test func debugBuildsCheckWithoutBeingAsked() async throws {
        let repository = Repository<Agency>(eventStore: store)
        try await repository.create(ids.agency) { $0.rename("MI6") }
        let error = await #expect(throws: RepositoryError.self) {
            try await repository.update(ids.agency) { $0.name = "careless" }
        }
        #expect(error?.code == .stateWithoutEvent)
    }
    #endif

    /// Where nothing is checked, as in a release build, a snapshot still holds nothing but what events gave.
    @Test(arguments: careless, [1, 2])
    func stateWithoutAnEventNeverReachesASnapshot(_ careless: Careless, frequency: Int) async throws {
        let careful = repository(frequency: frequency)
        try await careful.create(ids.agency) { $0 = ids.staged() }
        try await careful.update(ids.agency) { careless.change(&$0, ids) }
        try await careful.update(ids.agency) { $0.rename("last") }
        try await careful.update(ids.agency) { $0.rename("very last") }
        #expect(try await snapshots.latest(of: ids.agency)?.position.rawValue ?? 0 > 6)
        let loaded = try await careful.load(ids.agency)
        #expect(try await loaded == Repository<Agency>(eventStore: store).load(ids.agency))
        #expect(try await careful.verifySnapshots().isSound)
    }

    /// An event that says less when it is read back than when it happened.
    @Test func eventThatLosesSomethingIsRefused() async throws {
        let error = await #expect(throws: RepositoryError.self) {
            try await repository(Shifty.self, checks: Self.savesOnly).create { shifty in
                shifty.stage(.raised(Raised(amount: 1, remark: "not stored")))
            }
        }
        #expect(
            error?.code == .stateWithoutEvent && error?.message.contains("remark is \"not stored\"") == true)
    }

    /// Equal sets in another order, numbers that are none, and what is absent.
    @Test func whatHasNoOrderIsEqualInAnyOrder() async throws {
        let repository = repository(
            Shifty.self, checks: StateChecks(comparesAtSave: true, snapshotSampleRate: 1))
        let words = (0 ..< 60).map { "word \($0)" }
        try await repository.create(ids.agency) { shifty in
            for word in words { shifty.stage(.raised(Raised(amount: 1, word: word))) }
            shifty.stage(.raised(Raised(amount: 0, isNumber: false)))
        }
        for word in words.reversed() {
            try await repository.update(ids.agency) { $0.stage(.raised(Raised(amount: 1, word: word + "!"))) }
        }
        #expect(try await repository.load(ids.agency).words.count == 120)
        let verification = try await repository.verifySnapshots()
        #expect(verification.isSound && verification.comparedCount == 1)
    }

    // MARK: Snapshots that a newer program would not make

    @Test func sampleFindsASnapshotThatWasMadeByAnotherApply() async throws {
        try await repository(Shifty.self).create(ids.agency) { $0.stage(.raised(Raised(amount: 21))) }
        try await Shifty.$factor.withValue(2) {
            // Nothing in the stamps can show it.
            let believing = try await repository(Shifty.self).load(ids.agency)
            #expect(believing.total == 21)
            let checks = StateChecks(comparesAtSave: false, snapshotSampleRate: 1)
            let checking = try await repository(Shifty.self, checks: checks).load(ids.agency)
            #expect(checking.total == 42)
            let snapshot = try await snapshots.latest(of: ids.agency)
            #expect(snapshot == nil)
            let after = try await repository(Shifty.self).load(ids.agency)
            #expect(after.total == 42)
        }
    }

    @Test func verifyingFindsWhichSnapshotsDifferAndWhere() async throws {
        let repository = repository(Shifty.self)
        let many = (0 ..< 10).map { _ in AggregateID() }
        for (index, id) in many.enumerated() {
            // Of some nothing changes.
            try await repository.create(id) { $0.stage(.raised(Raised(amount: index % 2))) }
        }
        // Another kind of aggregate in the same store, and one without a snapshot.
        try await Repository<Agency>(eventStore: store).create { $0.rename("none of them") }
        try await self.repository(Shifty.self, frequency: 0).create { $0.stage(.raised(Raised(amount: 1))) }
        #expect(try await repository.verifySnapshots().isSound)
        try await Shifty.$factor.withValue(2) {
            let verification = try await repository.verifySnapshots()
            #expect(verification.aggregateCount == 11 && verification.comparedCount == 10)
            #expect(verification.findingCount == 5 && !verification.isSound)
            #expect(
                Set(verification.findings.map(\.aggregateID))
                    == Set(many.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)))
            #expect(verification.findings.allSatisfy { $0.differences.map(\.path) == ["total"] })
            #expect(verification.findings[0].description.contains("total is 1, and the events give 2"))
            let draws = Mutex(0)
            let sampled = try await repository.verifySnapshots(
                sampleRate: 0.5,
                random: {
                    draws.withLock {
                        $0 += 1; return $0 % 2 == 0 ? 0.9 : 0.1
                    }
                })
            #expect(sampled.aggregateCount == 6)
            let removing = try await repository.verifySnapshots(isRemoving: true)
            #expect(removing.findingCount == 5)
            let after = try await repository.verifySnapshots()
            #expect(after.isSound && after.comparedCount == 5)
            for (index, id) in many.enumerated() {
                let loaded = try await repository.load(id)
                #expect(loaded.total == (index % 2) * 2)
            }
        }
    }

    @Test func eventsThatCannotBeReplayedAreAFinding() async throws {
        let repository = repository(Shifty.self)
        try await repository.create(ids.agency) { $0.stage(.raised(Raised(amount: 1))) }
        try await Shifty.$isForgetful.withValue(true) {
            let verification = try await repository.verifySnapshots()
            #expect(verification.findings.first?.error?.code == .stagedInApply)
        }
    }

    /// What can be told from outside is told by the fingerprint, and such a snapshot is never used.
    @Test func snapshotOfAnotherInitialValueOrUpcasterIsNotUsed() async throws {
        try await repository(Shifty.self).create(ids.agency) { $0.stage(.raised(Raised(amount: 21))) }
        try await Shifty.$initial.withValue(100) {
            let loaded = try await repository(Shifty.self).load(ids.agency)
            #expect(loaded.total == 121)
            let verification = try await repository(Shifty.self).verifySnapshots()
            #expect(verification.unusableCount == 1 && verification.isSound)
        }
        let upcasters: Upcasters = [
            Upcaster(from: "RaisedShifty", schemaVersion: 0, to: "RaisedShifty") { $0["amount"] = 1 }
        ]
        #expect(try await repository(Shifty.self, upcasters: upcasters).verifySnapshots().unusableCount == 1)
        let others: Upcasters = [Upcaster(from: "Hired", schemaVersion: 1) { _ in }]
        #expect(try await repository(Shifty.self, upcasters: others).verifySnapshots().comparedCount == 1)
    }
}

struct Raised: EventPayload {
    static let eventType: EventType = "RaisedShifty"
    var amount: Int
    var word: String?
    var isNumber = true
    /// Not stored.
    var remark = ""

    private enum CodingKeys: String, CodingKey { case amount, word, isNumber }
}

/// An aggregate of a program that changes.
struct Shifty: AggregateRoot {
    enum ShiftyEvent: Event {
        case raised(Raised)
        var payload: any EventPayload {
            switch self {
            case .raised(let payload): payload
            }
        }
        static let cases = [EventCase(Self.raised)]
    }

    @TaskLocal static var factor = 1
    @TaskLocal static var initial = 0
    @TaskLocal static var isForgetful = false

    static let aggregateType: AggregateType = "Shifty"
    var lifecycle: EntityLifecycle
    var total: Int
    var words: Set<String> = []
    var counts: [Int: [String: Int]] = [:]
    var remark = ""
    var last: String?
    private var bits: UInt64 = 0

    /// JSON has no number that is none.
    var mean: Double { Double(bitPattern: bits) }

    init(id: AggregateID) {
        lifecycle = EntityLifecycle(id: id)
        total = Self.initial
    }

    mutating func apply(_ event: ShiftyEvent) {
        let raised =
            switch event {
            case .raised(let raised): raised
            }
        total += raised.amount * Self.factor
        remark = raised.remark
        last = raised.word
        if !raised.isNumber { bits = Double.nan.bitPattern }
        if Self.isForgetful { stage(.raised(raised)) }
        guard let word = raised.word else { return }
        words.insert(word)
        counts[word.utf8.count, default: [:]][word, default: 0] += 1
    }
}
