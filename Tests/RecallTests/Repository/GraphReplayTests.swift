// A history applied to a graph: what a root's own events do to its grandchildren, and what is missing.

import Recall
import RecallTestKit
import Testing

/// A root whose events reach below its children, and that makes lists of its own.
private struct Estate: AggregateRoot, Node {
    static let aggregateType: AggregateType = "Estate"
    static let children: [EntityChildren<Estate>] = [.list(\.houses)]
    static let annex = AggregateID(number: 77)
    var lifecycle: EntityLifecycle
    var name = ""
    var houses = EntityList<Department>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        switch event {
        case .named(let named): name = named.name
        case .added(let added):
            if let house = Array(houses).first?.id {
                houses[house]?.teams.insert(Team(id: added.id))
            } else {
                houses.insert(Department(id: added.id))
            }
        case .dissolved:
            var rebuilt = EntityList<Department>()
            rebuilt.insert(Department(id: Self.annex))
            houses = rebuilt
        case .officeAdded, .removed: break
        }
    }
}

/// A store that has lost an event.
private struct StoreWithAGap: EventStore {
    let inner: MemoryEventStore
    let missing: Position

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt { try await inner.append(commit) }
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        var page = try await inner.read(query)
        page.events.removeAll { $0.position == missing }
        return page
    }
    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        try await inner.status(of: aggregate)
    }
    func lastPosition() async throws(StoreError) -> Position { try await inner.lastPosition() }
    func waitForEvent(after position: Position) async throws(StoreError) {
        try await inner.waitForEvent(after: position)
    }
}

struct GraphReplayTests {
    let store = MemoryEventStore()
    let id = AggregateID()

    @Test func grandchildThatTheRootAddedGetsItsEvents() async throws {
        let (house, team) = (AggregateID(), AggregateID())
        var estate = Estate(id: id)
        estate.add(house)
        estate.add(team)
        estate.houses[house]?.teams[team]?.rename("gardeners")
        try await Repository<Estate>(eventStore: store).save(&estate)
        let loaded = try await Repository<Estate>(eventStore: store).load(id)
        #expect(loaded.houses[house]?.teams[team]?.name == "gardeners")
    }

    @Test func childOfAListMadeAnewCanStage() async throws {
        var estate = Estate(id: id)
        estate.dissolve()
        estate.houses[Estate.annex]?.rename("annex")
        #expect(estate.stagedNames == ["annex"])
        try await Repository<Estate>(eventStore: store).save(&estate)
        #expect(try await Repository<Estate>(eventStore: store).load(id).houses.map(\.name) == ["annex"])
    }

    @Test func missingEventOfTheRootIsABrokenStream() async throws {
        var estate = Estate(id: id)
        for number in 1 ... 3 { estate.rename("\(number)") }
        try await Repository<Estate>(eventStore: store).save(&estate)
        for missing in 1 ... 2 as ClosedRange<UInt64> {
            let gap = StoreWithAGap(inner: store, missing: Position(missing))
            let error = await #expect(throws: RepositoryError.self) {
                try await Repository<Estate>(eventStore: gap).load(id)
            }
            #expect(error?.code == .brokenStream)
            #expect(error?.message.contains("at position \(missing + 1)") == true)
        }
    }
}
