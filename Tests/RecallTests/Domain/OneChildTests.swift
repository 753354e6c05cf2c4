// One child or none in a property, beside lists: nothing that happens to it is lost, in the order in which it happened, and it is loaded as it
// was saved. And the children that somebody forgot to name, which are found before an event of theirs can be lost.

import Foundation
import Testing

@testable import Recall

/// Roots that keep entities where no event of theirs would be found.
private protocol Careless: AggregateRoot where Fact == NodeEvent {}
extension Careless {
    static var aggregateType: AggregateType { "Careless" }
    mutating func apply(_ event: NodeEvent) {}
}
private struct ForgottenList: Careless {
    static var children: [EntityChildren<ForgottenList>] { [.list(\.named)] }
    var lifecycle: EntityLifecycle
    var named = EntityList<Member>()
    var members = EntityList<Member>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct ForgottenChild: Careless {
    static var children: [EntityChildren<ForgottenChild>] { [.child(\.named)] }
    var lifecycle: EntityLifecycle
    var named: Member?
    var head: Member?
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct ForgottenInside: Careless {
    struct Part: Codable, Sendable { var members = EntityList<Member>() }
    var lifecycle: EntityLifecycle
    var part = Part()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct NamedInside: Careless {
    static var children: [EntityChildren<NamedInside>] { [.list(\.part.members)] }
    var lifecycle: EntityLifecycle
    var part = ForgottenInside.Part()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct InAnArray: Careless {
    var lifecycle: EntityLifecycle
    var members: [Member] = []
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct InADictionary: Careless {
    var lifecycle: EntityLifecycle
    var members: [String: Member] = [:]
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct Itself: Careless {
    var lifecycle: EntityLifecycle
    var member: Member
    init(id: AggregateID) {
        lifecycle = EntityLifecycle(id: id)
        member = Member(id: id)
    }
}
private struct BelowAChild: Careless {
    static var children: [EntityChildren<BelowAChild>] { [.list(\.parts)] }
    struct Part: Entity {
        static let aggregateType: AggregateType = "Part"
        var lifecycle: EntityLifecycle
        var head: Member?
        init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
        mutating func apply(_ event: NodeEvent) {}
    }
    var lifecycle: EntityLifecycle
    var parts = EntityList<Part>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}

struct OneChildTests {
    let store = MemoryEventStore()
    let id = AggregateID()
    let headID = AggregateID()
    let otherID = AggregateID()
    let staffID = AggregateID()
    let assistantID = AggregateID()
    let helperID = AggregateID()

    func repository(identityMapCountMax: Int = 0) -> Repository<Firm> {
        var configuration = RepositoryConfiguration(
            eventStore: store, snapshotStore: MemorySnapshotStore(), snapshotFrequency: 3,
            identityMapCountMax: identityMapCountMax)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return Repository(configuration)
    }

    /// Everything that may go by in one save.
    func story(_ firm: inout Firm) {
        firm.stage(.appointed(id: headID, name: "Farnsworth"))
        firm.head?.stage(.titled("Professor"))
        firm.head?.stage(.assisted(by: assistantID))
        firm.head?.assistant?.stage(.noted("Good news"))
        firm.stage(.hired(id: staffID))
        firm.staff[staffID]?.stage(.titled("Captain"))
        firm.stage(.assisted(by: helperID, of: staffID))
        firm.staff[staffID]?.assistant?.stage(.noted("aye"))
        firm.head?.stage(.titled("Doctor"))
        // Goes with all that is staged below it.
        firm.stage(.dismissed)
        firm.stage(.appointed(id: otherID, name: "Hermes"))
        firm.head?.stage(.titled("Bureaucrat"))
    }

    let expected: [EventType] = [
        "HeadAppointed", "PersonTitled", "PersonAssisted", "AssistantNoted", "StaffHired", "PersonTitled",
        "StaffAssisted", "AssistantNoted", "PersonTitled", "HeadDismissed", "HeadAppointed", "PersonTitled",
    ]

    @Test func whatAChildStagedIsSavedInOrder() async throws {
        var firm = Firm(id: id)
        story(&firm)
        #expect(firm.hasStagedEvents && firm.stagedEvents.count == 12)
        #expect(
            firm.staged(PersonEvent.self)
                == [
                    .titled("Professor"), .assisted(by: assistantID), .titled("Captain"), .titled("Doctor"),
                    .titled("Bureaucrat"),
                ])
        let saved = try await repository().create(id) { story(&$0) }
        #expect(try await store.read(EventQuery()).events.map(\.type) == expected)
        #expect(!saved.aggregate.hasStagedEvents)
        #expect(saved.receipt.commit?.version(of: headID) == 3)
        for repository in [repository(), repository(identityMapCountMax: 5)] {
            let loaded = try await repository.load(id)
            #expect(loaded == saved.aggregate)
            #expect(loaded.head?.name == "Hermes" && loaded.head?.titles == ["Bureaucrat"])
            #expect(loaded.staff[staffID]?.assistant?.notes == ["aye"])
        }
    }

    /// In the order of the graph and not of the child, wherever the child came from.
    @Test(arguments: [0, 5])
    func childThatWasLoadedCountsWithTheGraph(identityMapCountMax: Int) async throws {
        let repository = repository(identityMapCountMax: identityMapCountMax)
        let writer = self.repository()
        try await repository.create(id) { $0.stage(.hired(id: staffID)) }
        // The children come while the first repository keeps the firm in memory.
        try await writer.update(id) { firm in
            firm.stage(.assisted(by: helperID, of: staffID))
            firm.stage(.appointed(id: headID, name: "Farnsworth"))
            firm.head?.stage(.assisted(by: assistantID))
        }
        try await repository.update(id) { firm in
            firm.stage(.hired(id: otherID))
            firm.head?.assistant?.stage(.noted("first"))
            firm.stage(.hired(id: AggregateID()))
            firm.staff[staffID]?.assistant?.stage(.noted("second"))
            firm.stage(.hired(id: AggregateID()))
        }
        #expect(
            try await store.read(EventQuery(positions: 5 ... 9)).events.map(\.type)
                == ["StaffHired", "AssistantNoted", "StaffHired", "AssistantNoted", "StaffHired"])
        let loaded = try await repository.load(id)
        #expect(loaded.head?.assistant?.notes == ["first"])
        #expect(loaded.staff[staffID]?.assistant?.notes == ["second"])
    }

    /// Under its old id it goes on from where it was.
    @Test func childThatComesBackGoesOn() async throws {
        let repository = repository()
        try await repository.create(id) { firm in
            firm.stage(.appointed(id: headID, name: "Farnsworth"))
            firm.head?.stage(.titled("Professor"))
            firm.stage(.dismissed)
        }
        try await repository.update(id) { firm in
            firm.stage(.appointed(id: headID, name: "Farnsworth"))
            firm.head?.stage(.titled("again"))
        }
        let loaded = try await repository.load(id)
        #expect(loaded.head?.titles == ["again"] && loaded.head?.version == 2)
        // What happens to one that is gone changes nothing, whoever has its place.
        try await repository.update(id) { firm in
            firm.stage(.dismissed)
            firm.stage(.appointed(id: otherID, name: "Hermes"))
        }
        let events = [
            NewEvent(
                aggregateID: headID, rootID: id, aggregateType: "Person", type: "PersonTitled",
                payload: Data(#"{"_0":"ghost"}"#.utf8))
        ]
        _ = try await store.append(Commit(events: events))
        #expect(try await repository.load(id).head?.titles == [])
    }

    func problem<Root: AggregateRoot>(_ type: Root.Type) async -> String? {
        do {
            try await Repository<Root>(eventStore: store).create(id) { _ in
                Issue.record("the model is looked at first")
            }
        } catch {
            guard let error = error as? RepositoryError, error.code == .invalidModel else { return nil }
            return error.message
        }
        return nil
    }

    @Test func childrenThatAreNotNamedAreFound() async throws {
        for (problem, advice) in [
            (await problem(ForgottenList.self), #"The property members of ForgottenList"#),
            (await problem(ForgottenList.self), #".list(\.members)"#),
            (await problem(ForgottenChild.self), #".child(\.head)"#),
            (await problem(ForgottenInside.self), #".list(\.part.members)"#),
            (await problem(InAnArray.self), "in an EntityList"),
            (await problem(InADictionary.self), "in an EntityList"),
            (await problem(Itself.self), "make it optional"),
            (await problem(BelowAChild.self), "The property head of Part"),
        ] {
            #expect(problem?.contains(advice) == true, "\(problem ?? "nothing found")")
        }
        #expect(EntityModel(of: NamedInside.self).problem == nil)
        #expect(EntityModel(of: Firm.self).problem == nil)
        #expect(EntityModel(of: Agency.self).problem == nil)
        #expect(try await store.lastPosition() == .beforeFirst)
    }
}
