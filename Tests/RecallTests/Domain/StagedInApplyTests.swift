// `stage` inside `apply` was a stack overflow: the event was applied, which staged it again. And where it ended, because the
// event was another one, the event would have happened once more at each replay.

import Foundation
import Recall
import RecallTestKit
import Testing

struct StagedInApplyTests {
    let store = MemoryEventStore()
    let ids = AgencyIDs()

    func error<Value>(_ body: () async throws -> Value) async -> RepositoryError? {
        do { _ = try await body() } catch { return error as? RepositoryError }
        return nil
    }

    /// Each does what it should not, in another place of a graph.
    @Test(arguments: Restless.Way.allCases)
    func eventStagedInApplyIsAnErrorOfTheCall(_ way: Restless.Way) async throws {
        let repository = Repository<Restless>(eventStore: store)
        try await repository.create(ids.agency) { $0.stage(.added(Added(id: ids.member))) }
        Restless.$way.withValue(way) {
            var restless = Restless(id: ids.agency)
            restless.stage(.added(Added(id: ids.member)))
            restless.stage(.named(Named(name: "restless")))
            // Only what was decided.
            #expect(restless.stagedEvents.count == 2 && restless.version == 2)
        }
        await Restless.$way.withValue(way) {
            let updated = await error {
                try await repository.update(ids.agency) { $0.stage(.named(Named(name: "restless"))) }
            }
            #expect(updated?.code == .stagedInApply)
            #expect(updated?.message.contains("\"Named\" of \(way.entityType)") == true)
            #expect(updated?.message.contains("in the method that decides") == true)
            var made = Restless(
                id: AggregateID(), replaying: [.added(Added(id: ids.member)), .named(Named(name: "x"))])
            made.stage(.added(Added(id: ids.team)))
            let saved = await error { try await repository.save(&made) }
            #expect(saved?.code == .stagedInApply)
        }
        #expect(try await store.lastPosition() == 1)
    }

    /// What an older program stored in good faith, and a newer `apply` would stage for.
    @Test(arguments: Restless.Way.allCases)
    func eventStagedWhileHistoryIsAppliedIsAnErrorOfTheLoad(_ way: Restless.Way) async throws {
        try await Repository<Restless>(eventStore: store).create(ids.agency) { restless in
            restless.stage(.added(Added(id: ids.member)))
            restless.stage(.named(Named(name: "calm")))
        }
        let repository = Repository<Restless>(eventStore: store)
        await Restless.$way.withValue(way) {
            #expect(await error { try await repository.load(ids.agency) }?.code == .stagedInApply)
            #expect(
                await error { try await repository.load(ids.agency, asOf: .version(2)) }?.code
                    == .stagedInApply)
            #expect(await error { try await repository.update(ids.agency) { _ in } }?.code == .stagedInApply)
        }
        #expect(try await repository.load(ids.agency).name == "calm")
    }
}

/// An aggregate that stages in `apply`, in a way that a test chooses.
struct Restless: AggregateRoot, Node {
    enum Way: CaseIterable, Sendable {
        case not, inItself, inAChild, inANewChild, inAReplacedList, inACopy

        static var allCases: [Way] { [.inItself, .inAChild, .inANewChild, .inAReplacedList, .inACopy] }
        var entityType: String { self == .inItself || self == .inACopy ? "Restless" : "Member" }
    }

    @TaskLocal static var way = Way.not

    static let aggregateType: AggregateType = "Restless"
    static let children: [EntityChildren<Restless>] = [.list(\.members)]
    var lifecycle: EntityLifecycle
    var name = ""
    var members = EntityList<Member>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: NodeEvent) {
        if case .added(let added) = event { members.insert(Member(id: added.id)) }
        guard case .named(let named) = event else { return }
        name = named.name
        let first = members.first { _ in true }?.id ?? id
        switch Self.way {
        case .not: break
        case .inItself: rename("again")
        case .inAChild: members[first]?.rename("child")
        case .inANewChild:
            var member = Member(id: AggregateID())
            member.rename("new")
            members.insert(member)
        case .inAReplacedList:
            members = EntityList()
            members.insert(Member(id: first))
            members[first]?.rename("child")
        case .inACopy:
            var copy = self
            copy.rename("copy")
        }
    }
}
