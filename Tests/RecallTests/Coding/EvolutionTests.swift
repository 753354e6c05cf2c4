// What a domain becomes in the course of years: an event that is two now, one of two by its content, none at all, and types that nobody
// knows any more. Positions and versions stay what they were, for aggregates, handlers and players alike.

import Foundation
import Testing

@testable import Recall

/// What happens to a ship, as it is known today.
enum ShipEvent: Event, Equatable {
    case launched(name: String, year: Int)
    case moved(to: String)
    case renamed(name: String)
    case boarded(crewID: AggregateID)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case launched = "ShipLaunched", moved = "ShipMoved", renamed = "ShipRenamed", boarded = "ShipBoarded"
    }
    static let schemaVersions: [CodingKeys: UInt32] = [.launched: 2]
}

/// The same fact as a struct, for a handler.
private struct ShipMoved: EventPayload {
    static let eventType: EventType = "ShipMoved"
    var to: String
}

struct Ship: AggregateRoot {
    static let aggregateType: AggregateType = "Ship"
    static let children: [EntityChildren<Ship>] = [.list(\.crew)]
    var lifecycle: EntityLifecycle
    var lines: [String] = []
    var crew = EntityList<Crew>()

    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }

    mutating func apply(_ event: ShipEvent) {
        switch event {
        case .launched(let name, let year): lines.append("\(name) \(year)")
        case .moved(let place): lines.append("to \(place)")
        case .renamed(let name): lines.append("now \(name)")
        case .boarded(let id): crew.insert(Crew(id: id))
        }
    }
}

/// Of another context, which gets a part of what ships did once.
private enum PortEvent: Event {
    case berthed(place: String)
    enum CodingKeys: String, CodingKey, CaseIterable { case berthed = "PortBerthed" }
}

struct EvolutionTests {
    struct Broken: Error {}

    static let upcasters: Upcasters = [
        // By the envelope.
        Upcaster(from: "ShipLaunched", schemaVersion: 1) { payload, event in
            payload["year"] = .init(integerLiteral: 1970 + event.time.microsecondsSince1970)
        },
        // One to many, one of which is of another context, and one goes on.
        Upcaster(
            from: "ShipChanged", schemaVersion: 1,
            toAnyOf: ["ShipMoved", "ShipChristened", "PortBerthed"]
        ) { payload, _ in
            var events: [UpcastEvent] = []
            if let name = payload["name"] { events.append(UpcastEvent("ShipChristened", ["name": name])) }
            if let place = payload["to"] { events.append(UpcastEvent("ShipMoved", ["to": place])) }
            if let place = payload["berth"] { events.append(UpcastEvent("PortBerthed", ["place": place])) }
            return events
        },
        Upcaster(from: "ShipChristened", schemaVersion: 1, to: "ShipRenamed"),
        Upcaster(dropping: "ShipPolished", schemaVersion: 1),
    ]
    static let coder = EventCoder(upcasters: upcasters).ignoring("ShipSighted", "CrewSang")

    let store = MemoryEventStore()
    let id = AggregateID()
    let crewID = AggregateID()

    func event(_ type: EventType, _ json: String, _ version: UInt32 = 1, crew: Bool = false) -> NewEvent {
        NewEvent(
            aggregateID: crew ? crewID : id, rootID: id, aggregateType: crew ? "Crew" : "Ship", type: type,
            schemaVersion: version, time: Timestamp(microsecondsSince1970: 30), payload: Data(json.utf8))
    }

    /// What the years have left behind.
    func history() async throws {
        _ = try await store.append(
            Commit(events: [
                event("ShipSighted", "not even JSON"),
                event("ShipLaunched", #"{"name":"Nimbus"}"#),
                event("ShipChanged", #"{"name":"Bolt","to":"Moon"}"#),
                event("ShipPolished", "{}"),
                event("ShipBoarded", #"{"crewID":"\#(crewID)"}"#),
                event("CrewSang", "{}", 7, crew: true),
                event("CrewFounded", #"{"name":"Nimbus crew"}"#, crew: true),
                event("ShipChanged", #"{}"#),
                event("ShipSighted", "{}", 9),
            ]))
    }

    func configuration(_ coder: EventCoder = coder) -> RepositoryConfiguration {
        var configuration = RepositoryConfiguration(eventStore: store, coder: coder, identityMapCountMax: 0)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return configuration
    }

    @Test func aggregatesAreWhatTheirEventsMeanToday() async throws {
        try await history()
        let repository = Repository<Ship>(configuration())
        let ship = try await repository.load(id)
        #expect(ship.lines == ["Nimbus 2000", "now Bolt", "to Moon"])
        #expect(ship.version == 7)
        #expect(ship.crew[crewID]?.state.name == "Nimbus crew")
        #expect(ship.crew[crewID]?.version == 2)
        // Versions go on from where they were.
        let saved = try await repository.update(id) { ship in
            ship.stage(.moved(to: "Mars"))
            ship.crew[crewID]?.stage(.disbanded)
        }
        #expect(saved.aggregate.version == 8)
        #expect(saved.receipt.commit?.versions == [id: 8, crewID: 3])
        #expect(saved.receipt.lastPosition == 11)
        #expect(try await repository.load(id).lines.last == "to Mars")
        #expect(
            try await repository.load(id, asOf: .version(3)).lines == ["Nimbus 2000", "now Bolt", "to Moon"])
    }

    @Test func snapshotsHoldWhatIsIgnored() async throws {
        try await history()
        var configuration = configuration()
        configuration.snapshotStore = MemorySnapshotStore()
        configuration.snapshotFrequency = 1
        let repository = Repository<Ship>(configuration)
        try await repository.update(id) { $0.stage(.moved(to: "Mars")) }
        _ = try await store.append(Commit(events: [event("ShipSighted", "")]))
        #expect(try await repository.load(id).version == 9)
        #expect(try await repository.verifySnapshots().findings.isEmpty)
    }

    @Test func handlersGetWhatEventsMeanToday() async throws {
        try await history()
        let log = Gathered<String>()
        var router = CallbackRouter(coder: Self.coder)
        var player = Player(store: store, coder: Self.coder)
        let ships: @Sendable (ShipEvent, RecordedEvent) async throws -> Void = { event, recorded in
            switch event {
            case .launched(_, let year): log.add("\(recorded.position) launched \(year)")
            case .moved(let place): log.add("\(recorded.position) moved \(place)")
            case .renamed(let name): log.add("\(recorded.position) renamed \(name) by a \(recorded.type)")
            case .boarded: log.add("\(recorded.position) boarded")
            }
        }
        let moves: @Sendable (ShipMoved, RecordedEvent) async throws -> Void = { moved, recorded in
            log.add("\(recorded.position) struct \(moved.to) \(recorded.version)")
        }
        router.on(ShipEvent.self, handle: ships)
        router.on(ShipMoved.self, handle: moves)
        router.on("ShipSighted") { log.add("\($0.position) sighted") }
        player.on(ShipEvent.self, handle: ships)
        player.on(ShipMoved.self, handle: moves)
        player.on("ShipSighted") { log.add("\($0.position) sighted") }
        player.on(PortEvent.self) { _, _ in log.add("never") }
        let expected = [
            "2 launched 2000", "3 renamed Bolt by a ShipChanged", "3 moved Moon", "3 struct Moon 3",
            "5 boarded",
        ]
        try await router.route(try await store.read(EventQuery()).events)
        #expect(log.values == expected)
        let rehearsed = try await player.rehearse()
        #expect(log.values == expected)
        let report = try await player.play()
        #expect(log.values == expected + expected)
        // What a step chose decides who wants an event, and not what it could have chosen.
        #expect(
            report.eventCountsByHandler
                == ["ShipEvent": 3, "ShipMoved": 1, "ShipSighted": 0, "PortEvent": 0])
        #expect(rehearsed == report)
        #expect(report.eventCount == 9 && report.unhandledEventCount == 6)
        #expect(report.checkpoint.position == 9)
    }

    @Test func partsForOtherContextsReachThemAlone() async throws {
        let log = Gathered<String>()
        var router = CallbackRouter(coder: Self.coder)
        router.on(PortEvent.self) { event, _ in
            if case .berthed(let place) = event { log.add(place) }
        }
        router.on(ShipEvent.self) { event, _ in log.add("\(event)") }
        let new = event("ShipChanged", #"{"to":"Moon","berth":"Pier 7"}"#)
        let recorded = RecordedEvent(new, position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        try await router.route([recorded])
        #expect(log.values == ["Pier 7", #"moved(to: "Moon")"#])
        // An aggregate does not know what to do with such a part.
        #expect {
            try Self.coder.decodeAll(recorded, as: ShipEvent.self)
        } throws: { error in
            guard let error = error as? EventCodingError else { return false }
            return error.code == .unknownEvent && error.message.contains("\"PortBerthed\"")
        }
        #expect(try Self.coder.decodeAll(recorded, payload: ShipMoved.self).map(\.to) == ["Moon"])
    }

    @Test func nobodyWantsWhatLeadsElsewhere() async throws {
        _ = try await store.append(Commit(events: [event("ShipChristened", #"{"name":"Bolt"}"#)]))
        let linear: Upcasters = [Upcaster(from: "ShipChristened", schemaVersion: 1, to: "ShipRenamed")]
        var player = Player(store: store, coder: EventCoder(upcasters: linear))
        player.on(ShipMoved.self) { _, _ in Issue.record("nothing was moved") }
        player.on(ShipEvent.self) { _, _ in }
        #expect(try await player.rehearse().eventCountsByHandler == ["ShipMoved": 0, "ShipEvent": 1])
        #expect(try await player.play().eventCountsByHandler == ["ShipMoved": 0, "ShipEvent": 1])
    }

    @Test func oneEventIsAskedForAndOthersAreThere() throws {
        func recorded(_ event: NewEvent) -> RecordedEvent {
            RecordedEvent(event, position: 5, version: 1, time: Timestamp(microsecondsSince1970: 30))
        }
        let one = recorded(event("ShipChanged", #"{"to":"Moon"}"#))
        #expect(try Self.coder.decode(one) == ShipEvent.moved(to: "Moon"))
        #expect(try Self.coder.decode(one, payload: ShipMoved.self).to == "Moon")
        for (event, count, meaning) in [
            (recorded(event("ShipChanged", #"{"name":"Bolt","to":"Moon"}"#)), 2, "2 events"),
            (recorded(event("ShipPolished", "{}")), 0, "0 events"),
            (recorded(event("ShipSighted", "")), 0, "is ignored"),
        ] {
            #expect(try Self.coder.decodeAll(event, as: ShipEvent.self).count == count)
            #expect {
                try Self.coder.decode(event, as: ShipEvent.self)
            } throws: { error in
                guard let error = error as? EventCodingError else { return false }
                return error.code == .notOneEvent && error.message.contains(meaning)
                    && error.message.contains("decodeAll")
            }
        }
    }

    @Test func failuresOfStepsThatChooseNameTheEvent() async throws {
        let coder = EventCoder(upcasters: [
            Upcaster(from: "A", schemaVersion: 1, toAnyOf: ["ShipMoved"]) { _, _ in
                [UpcastEvent("ShipRenamed")]
            },
            Upcaster(from: "B", schemaVersion: 1, toAnyOf: ["ShipMoved"]) { _, _ in throw Broken() },
            Upcaster(from: "C", schemaVersion: 1, toAnyOf: ["C", "ShipMoved"]) { _, _ in
                [UpcastEvent("C"), UpcastEvent("C")]
            },
        ])
        for (type, code, reason) in [
            ("A", .undecodable, #"it gave "ShipRenamed" (schema version 1), which is not among"#),
            ("B", .undecodable, "Broken()"), ("C", .unknownEvent, "in a circle"),
        ] as [(EventType, EventCodingError.Code, String)] {
            let recorded = RecordedEvent(
                event(type, "{}"), position: 5, version: 1, time: Timestamp(microsecondsSince1970: 0))
            #expect {
                try coder.decodeAll(recorded, as: ShipEvent.self)
            } throws: { error in
                guard let error = error as? EventCodingError else { return false }
                return error.code == code && error.position == 5 && error.message.contains(reason)
            }
            // A handler that may have wanted the event hears of it.
            var router = CallbackRouter(coder: coder)
            router.on(ShipMoved.self) { _, _ in Issue.record("nothing was moved") }
            await #expect(throws: EventRoutingError.self) { try await router.route([recorded]) }
        }
    }

    @Test func whatIsBothKnownAndIgnoredIsAnInvalidModel() async throws {
        let repository = Repository<Ship>(configuration(EventCoder().ignoring("ShipMoved")))
        await #expect {
            try await repository.create(id) { $0.stage(.moved(to: "Moon")) }
        } throws: { error in
            guard let error = error as? RepositoryError else { return false }
            return error.code == .invalidModel && error.message.contains("\"ShipMoved\"")
        }
        #expect(try await store.lastPosition() == .beforeFirst)
    }

    /// A snapshot that was made before an older type was ignored holds its events.
    @Test func ignoringWhatLedToAnEventShowsInTheFingerprint() {
        let plain = EntityModel(of: Ship.self, upcasters: Self.upcasters).fingerprint
        #expect(
            EntityModel(of: Ship.self, upcasters: Self.upcasters, ignoring: ["ShipChanged"]).fingerprint
                != plain)
        #expect(
            EntityModel(of: Ship.self, upcasters: Self.upcasters, ignoring: ["ShipChristened"]).fingerprint
                != plain)
        #expect(
            EntityModel(of: Ship.self, upcasters: Self.upcasters, ignoring: ["Other"]).fingerprint == plain)
    }
}
