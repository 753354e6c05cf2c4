// Events in one line, from `stage` to the handlers: everything that works with payload structs works with them, and a store that was
// written in one style is gone on with in the other.

import Foundation
import RecallTestKit
import Testing

@testable import Recall

/// Has a case that its keys have forgotten, and names its events twice.
private struct Forgetful: AggregateRoot {
    enum Fact: Event {
        case known
        case forgotten
        enum CodingKeys: String, CodingKey, CaseIterable { case known }
    }
    static let aggregateType: AggregateType = "Forgetful"
    var lifecycle: EntityLifecycle
    var count = 0
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: Fact) { count += 1 }
}

private struct Twofold: AggregateRoot {
    enum Fact: Event {
        case named(Named)
        enum CodingKeys: String, CodingKey, CaseIterable { case named = "Named" }
        var payload: any EventPayload {
            switch self {
            case .named(let named): named
            }
        }
        static let cases = [EventCase(Self.named)]
    }
    static let aggregateType: AggregateType = "Twofold"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: Fact) {}
}

/// Stages while it applies.
private struct Hasty: AggregateRoot {
    enum Fact: Event {
        case begun(at: String)
        enum CodingKeys: String, CodingKey, CaseIterable { case begun = "HastyBegun" }
    }
    static let aggregateType: AggregateType = "Hasty"
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: Fact) { stage(event) }
}

struct OneLineEventTests {
    let store = MemoryEventStore()
    let id = AggregateID()
    let memberID = AggregateID()
    let payment = Payment(amount: 12.5, at: Date(timeIntervalSince1970: 77))

    var story: [CrewEvent] {
        [
            .founded(name: "Planet Express"), .joined(memberID: memberID, name: "Fry", rank: "Boy"),
            .joined(memberID: memberID, name: "Leela", rank: nil), .paid(payment), .disbanded,
        ]
    }

    var storyOfStructs: [CrewFact] {
        [
            .founded(CrewFact.Founded(name: "Planet Express")),
            .joined(CrewFact.Joined(memberID: memberID, name: "Fry", rank: "Boy")),
            .joined(CrewFact.Joined(memberID: memberID, name: "Leela", rank: nil)),
            .paid(CrewFact.Paid(amount: payment.amount, at: payment.at)),
            .disbanded(CrewFact.Disbanded()),
        ]
    }

    func configuration(_ store: any EventStore, _ codec: TriedCodec) -> RepositoryConfiguration {
        var configuration = RepositoryConfiguration(
            eventStore: store, coder: EventCoder(codec: codec.codec), identityMapCountMax: 0)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 0)
        return configuration
    }

    @Test(arguments: TriedCodec.allCases)
    func bothStylesStoreTheSameAndReadEachOther(_ codec: TriedCodec) async throws {
        let other = MemoryEventStore()
        let lines = Repository<Crew>(configuration(store, codec))
        let structs = Repository<CrewOfStructs>(configuration(other, codec))
        try await lines.create(id) { crew in for event in story { crew.stage(event) } }
        try await structs.create(id) { crew in for event in storyOfStructs { crew.stage(event) } }
        let written = try await store.read(EventQuery()).events
        let expected = try await other.read(EventQuery()).events
        #expect(written.count == 5)
        for (one, two) in zip(written, expected) {
            #expect(one.schema == two.schema && one.payload == two.payload && one.tags == two.tags)
            #expect(one.contentType == two.contentType)
        }
        let state = CrewState(
            name: "Planet Express", members: ["Fry, Boy", "Leela, none"], paid: 12.5, isDisbanded: true)
        #expect(try await Repository<CrewOfStructs>(configuration(store, codec)).load(id).state == state)
        #expect(try await Repository<Crew>(configuration(other, codec)).load(id).state == state)
    }

    /// So that a snapshot from before the style was changed still counts.
    @Test func bothStylesHaveOneFingerprint() {
        #expect(EntityModel(of: Crew.self).fingerprint == EntityModel(of: CrewOfStructs.self).fingerprint)
    }

    @Test func snapshotsAreGoneOnFrom() async throws {
        var configuration = configuration(store, .json)
        configuration.snapshotStore = MemorySnapshotStore()
        configuration.snapshotFrequency = 2
        try await Repository<CrewOfStructs>(configuration).create(id) { crew in
            for event in storyOfStructs.prefix(3) { crew.stage(event) }
        }
        let repository = Repository<Crew>(configuration)
        try await repository.update(id) { $0.stage(.paid(payment)) }
        #expect(try await repository.load(id).state.paid == 12.5)
        #expect(try await repository.verifySnapshots().findings.isEmpty)
    }

    @Test func stagedEventsAreTheEvents() {
        var crew = Crew(id: id)
        for event in story { crew.stage(event) }
        #expect(crew.staged(CrewEvent.self) == story)
        #expect(crew.stagedEvents.compactMap { ($0 as? CasePayload<CrewEvent>)?.event } == story)
        #expect(crew.staged(CrewFact.self).isEmpty)
        #expect(crew.version == 5)
    }

    @Test func caseWithoutAKeyIsRefusedAndNothingIsWritten() async throws {
        let repository = Repository<Forgetful>(eventStore: store)
        await #expect {
            try await repository.create(id) { root in
                root.stage(.known)
                root.stage(.forgotten)
            }
        } throws: { error in
            guard let error = error as? RepositoryError else { return false }
            return error.code == .coding && error.codingError?.code == .unregistered
                && error.message.contains("The case forgotten of Fact has no key")
                && error.message.contains("Forgetful \(id)") && error.message.contains("nothing was written")
        }
        #expect(try await store.lastPosition() == .beforeFirst)
    }

    @Test func namingEventsTwiceIsAnInvalidModel() async throws {
        let repository = Repository<Twofold>(eventStore: store)
        await #expect {
            try await repository.create(id) { $0.stage(.named(Named(name: "x"))) }
        } throws: { error in
            guard let error = error as? RepositoryError else { return false }
            return error.code == .invalidModel && error.message.contains("both CodingKeys and cases")
        }
        #expect(try await store.lastPosition() == .beforeFirst)
    }

    @Test func misuseNamesTheEventAsItWouldBeStored() async throws {
        await #expect {
            try await Repository<Hasty>(eventStore: store).create(id) { $0.stage(.begun(at: "once")) }
        } throws: { error in
            guard let error = error as? RepositoryError else { return false }
            return error.code == .stagedInApply && error.message.contains("\"HastyBegun\" of Hasty")
        }
    }

    @Test func handlersTakeTheEnum() async throws {
        let upcasters: Upcasters = [
            Upcaster(from: "Enlisted", schemaVersion: 1, to: "MemberJoined", schemaVersion: 2)
        ]
        let coder = EventCoder(upcasters: upcasters)
        let routed = Gathered<String>()
        var router = CallbackRouter(coder: coder)
        router.on(CrewEvent.self) { event, recorded in
            switch event {
            case .founded(let name): routed.add("\(recorded.position) founded \(name)")
            case .joined(_, let name, _): routed.add("\(recorded.position) joined \(name)")
            case .paid(let payment): routed.add("\(recorded.position) paid \(payment.amount)")
            case .disbanded: routed.add("\(recorded.position) disbanded")
            }
        }
        var configuration = configuration(store, .json)
        configuration.router = router
        try await Repository<Crew>(configuration).create(id) { crew in
            for event in story { crew.stage(event) }
        }
        var commit = Commit(events: [
            NewEvent(
                aggregateID: AggregateID(), aggregateType: "Other", type: "Unknown", payload: Data("{}".utf8))
        ])
        commit.events.append(
            NewEvent(
                aggregateID: id, aggregateType: "Crew", type: "Enlisted",
                payload: Data(#"{"memberID":"\#(memberID)","name":"Bender"}"#.utf8)))
        _ = try await store.append(commit)
        try await router.route(try await store.read(EventQuery(positions: 6 ... 7)).events)
        let expected = [
            "1 founded Planet Express", "2 joined Fry", "3 joined Leela", "4 paid 12.5", "5 disbanded",
            "7 joined Bender",
        ]
        #expect(routed.values == expected)

        let played = Gathered<Position>()
        var player = Player(store: store, coder: coder)
        // Both styles at once, of one store.
        player.on(CrewFact.self) { _, recorded in played.add(recorded.position) }
        player.on(CrewEvent.self, name: "lines") { _, recorded in played.add(recorded.position) }
        let report = try await player.play()
        #expect(played.values == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 7, 7])
        #expect(report.eventCountsByHandler == ["CrewFact": 6, "lines": 6])
        #expect(report.unhandledEventCount == 1)
    }

    /// A version that nothing leads from is to be reported, and not to be passed over.
    @Test func gapReachesTheHandlerOfAnEnumAsAnError() async throws {
        var router = CallbackRouter()
        router.on(CrewEvent.self) { _, _ in Issue.record("nobody can read it") }
        let event = RecordedEvent(
            NewEvent(aggregateID: id, type: "MemberJoined", schemaVersion: 1, payload: Data("{}".utf8)),
            position: 3, version: 1, time: Timestamp(microsecondsSince1970: 0))
        await #expect { try await router.route([event]) } throws: { error in
            guard let error = error as? EventRoutingError else { return false }
            return error.unroutedPositions == 3 ... 3 && error.message.contains("\"CrewEvent\"")
        }
    }
}
