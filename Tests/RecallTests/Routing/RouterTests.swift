// Events on their way out: who gets them, what a line of them looks like, and what a failure says.

import Foundation
import Recall
import Testing

struct RouterTests {
    struct Broken: Error {}

    let ids = AgencyIDs()

    func event(_ position: Position, _ type: EventType = "Named", _ json: String = #"{"name":"n"}"#)
        -> RecordedEvent
    {
        RecordedEvent(
            NewEvent(aggregateID: ids.agency, aggregateType: "Agency", type: type, payload: Data(json.utf8)),
            position: position, version: Version(position.rawValue),
            time: Timestamp(microsecondsSince1970: 1_795_428_930_123_456))
    }

    @Test func severalHandlersGetOneEventType() async throws {
        let log = Gathered<String>()
        var router = CallbackRouter()
        router.on(Named.self) { named, event in log.add("typed \(named.name) \(event.position)") }
        router.on("Named") { event in log.add("raw \(event.position)") }
        router.on(Removed.self) { _, _ in log.add("never") }
        router.onAll { event in log.add("all \(event.position)") }
        try await router.route([event(1), event(2, "Other", "{}")])
        #expect(log.values == ["typed n 1", "raw 1", "all 1", "all 2"])
        try await router.route([])
    }

    @Test func olderSchemasReachTypedHandlers() async throws {
        let log = Gathered<String>()
        var router = CallbackRouter(
            coder: EventCoder(upcasters: [
                Upcaster(from: "Christened", schemaVersion: 1, to: "Named") { $0["name"] = $0["as"] }
            ]))
        router.on(Named.self) { named, _ in log.add(named.name) }
        try await router.route([event(1, "Christened", #"{"as":"old"}"#), event(2)])
        #expect(log.values == ["old", "n"])
    }

    @Test func typedHandlerGetsWhatLeadsToItsSchemaAndNothingElse() async throws {
        let log = Gathered<String>()
        var router = CallbackRouter(
            coder: EventCoder(upcasters: [
                // "Named" once meant something else, which is called "Numbered" today.
                Upcaster(from: "Renamed", schemaVersion: 1, to: "Named"),
                Upcaster(from: "Hired", schemaVersion: 1, to: "Numbered"),
            ]))
        router.on(Named.self) { named, _ in log.add("named \(named.name)") }
        router.on(Hired.self) { _, event in log.add("hired \(event.position)") }
        try await router.route([
            event(1), event(2, "Renamed"), event(3, "Hired", "{}"), event(4, "Other", "{}"),
        ])
        #expect(log.values == ["named n", "named n"])
        var gap = event(5, "Hired", "{}")
        gap.schemaVersion = 2
        await #expect(throws: EventRoutingError.self) { try await router.route([gap]) }
    }

    @Test func handlerThatFailsNamesItselfAndWhatWasNotRouted() async throws {
        let log = Gathered<Position>()
        var router = CallbackRouter()
        router.onAll { log.add($0.position) }
        router.onAll(name: "mailer") { if $0.position == 6 { throw Broken() } }
        await #expect { try await router.route([event(5), event(6), event(7)]) } throws: { error in
            guard let error = error as? EventRoutingError else { return false }
            return error.unroutedPositions == 6 ... 7 && error.message.contains("\"mailer\"")
                && error.message.contains("position 6") && error.causes.first is Broken
        }
        #expect(log.values == [5, 6])
    }

    @Test func everyRouterGetsTheEventsEvenWhenOneFails() async throws {
        let log = Gathered<String>()
        var first = CallbackRouter()
        first.onAll { log.add("first \($0.position)") }
        var second = CallbackRouter()
        second.onAll { if $0.position == 2 { throw Broken() } }
        var third = CallbackRouter()
        third.onAll { log.add("third \($0.position)") }
        let router = CompositeRouter([
            (name: "first", router: first), (name: "second", router: second), (name: "third", router: third),
        ])
        await #expect { try await router.route([event(1), event(2), event(3)]) } throws: { error in
            guard let error = error as? EventRoutingError else { return false }
            return error.unroutedPositions == 2 ... 3 && error.causes.count == 1
                && error.message.contains("1 of 3 routers failed: \"second\"")
        }
        #expect(log.values == ["first 1", "first 2", "first 3", "third 1", "third 2", "third 3"])
    }

    /// Of two that fail, what the slower one did not get counts, in whichever order they stand.
    @Test(arguments: [[2, 3], [3, 2]] as [[Position]])
    func unroutedIsWhatOneOfTheRoutersDidNotGet(failing: [Position]) async throws {
        let routers = failing.map { position in
            var router = CallbackRouter()
            router.onAll { if $0.position == position { throw Broken() } }
            return router
        }
        let error = await #expect(throws: EventRoutingError.self) {
            try await CompositeRouter(routers[0], routers[1]).route([event(1), event(2), event(3)])
        }
        #expect(error?.unroutedPositions == 2 ... 3 && error?.causes.count == 2)
    }

    @Test func failureOfTheRouterLeavesTheEventsStoredAndTheRootSaved() async throws {
        let store = MemoryEventStore()
        var router = CallbackRouter()
        router.on("Added") { _ in throw Broken() }
        let repository = Repository<Agency>(RepositoryConfiguration(eventStore: store, router: router))
        var agency = ids.staged()
        let receipt = try await repository.save(&agency)
        let unrouted = try #require(receipt.routing.unrouted)
        #expect(receipt.lastPosition == 6 && unrouted.positions == 2 ... 6)
        #expect(unrouted.message.contains("positions 1 to 6") && unrouted.message.contains("2 to 6"))
        #expect(!agency.hasStagedEvents && agency.version == 3)
        #expect(try await store.lastPosition() == 6)
        agency.rename("on")
        try await repository.save(&agency)
        #expect(try await repository.load(ids.agency).name == "on")
    }

    @Test func routedEventsAreTheStoredOnes() async throws {
        let store = MemoryEventStore()
        let routed = Gathered<RecordedEvent>()
        var router = CallbackRouter()
        router.onAll { routed.add($0) }
        let repository = Repository<Agency>(RepositoryConfiguration(eventStore: store, router: router))
        var agency = ids.staged()
        try await repository.save(&agency, metadata: ["correlationId": "7"])
        try await repository.update(ids.agency) { agency in
            agency.rename("a")
            agency.departments[ids.department]?.rename("b")
            agency.rename("c")
        }
        // Of one stream alone, whose versions are counted in another way.
        try await repository.update(ids.agency) { agency in
            agency.rename("d")
            agency.rename("e")
        }
        #expect(try await store.read(EventQuery()).events == routed.values)
    }

    @Test func lineHoldsTheEventAsTheProgramPrintsIt() async throws {
        let lines = Gathered<String>()
        let router = StandardOutputRouter { lines.add($0) }
        var first = event(1, "Named", "{ \"b\" : 1.10,\n \"a\": \"x\\u00e9\" }")
        first.metadata = ["b": "2", "a\"": "1\n"]
        first.tags = ["t:1", "ü"]
        var second = event(2)
        second.payload = Data([0xFF, 0x00])
        try await router.route([first, second])
        let id = ids.agency
        #expect(
            lines.values == [
                #"{"position":1,"aggregate":"\#(id)","aggregateType":"Agency","version":1,"id":"\#(first.id)","type":"Named","time":"2026-11-23T10:15:30.123456Z","metadata":{"a\"":"1\n","b":"2"},"tags":["t:1","ü"],"data":{"b":1.10,"a":"x\u00e9"}}"#
                    + "\n"
                    + #"{"position":2,"aggregate":"\#(id)","aggregateType":"Agency","version":2,"id":"\#(second.id)","type":"Named","time":"2026-11-23T10:15:30.123456Z","metadata":{},"tags":[],"contentType":"application/json","dataBase64":"/wA="}"#
                    + "\n"
            ])
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "-", "+1", "1e", "nul", "\"\\x\"",
        "\"\u{1}\"",
        "\"open", "{} {}", "[1 2]", "\"\\u12g4\"", "NaN", "{a:1}", String(repeating: "[", count: 300),
    ])
    func whatIsNoJSONTravelsAsBase64(payload: String) {
        #expect(
            event(1, "Named", payload).jsonLine.hasSuffix(
                "\"dataBase64\":\"\(Data(payload.utf8).base64EncodedString())\"}"))
    }

    @Test(arguments: [
        "0", "-0.5e+10", "null", "true", "false", "\"\\\"\\\\\\/\\b\\u00fF\"", "[]", "{}",
        "[[],{\"\":[1,2]}]",
    ])
    func whatIsJSONTravelsAsItIs(payload: String) {
        #expect(event(1, "Named", " \(payload)\n").jsonLine.hasSuffix(",\"data\":\(payload)}"))
    }
}
