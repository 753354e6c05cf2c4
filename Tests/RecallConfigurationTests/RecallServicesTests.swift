// What a file and an environment choose, and that each definition is made once.

import Foundation
import PlanetExpressDomain
import Recall
import RecallConfiguration
import Testing

@Suite struct RecallServicesTests {
    private static let file = """
        event_stores:
          main: {kind: log, path: /data/main, durability: commit, segment_bytes_max: 65536, interval: 250 ms, verify: yes}
          other: {kind: log, path: /data/other}
        snapshot_stores:
          fast: {kind: memory, count_max: 7}
        routers:
          one: {kind: probe}
          two: {kind: probe}
          both: {kind: composite, routers: [one, two]}
        default:
          event_store: main
          router: one
        Account:
          event_store: other
          snapshot_store: fast
          snapshot_frequency: 20
          router: both
        """

    private func services(
        _ text: String, _ environment: [String: String] = [:], prefix: String? = nil, probe: Probe = Probe()
    ) async throws -> RecallServices {
        let file = try TemporaryFile(text)
        return try await RecallServices(
            file: file.path, environment: environment, environmentPrefix: prefix, registry: probe.registry)
    }

    @Test func typeGetsItsOwnChoicesAndTheDefaultsForTheRest() async throws {
        let probe = Probe()
        let services = try await services(Self.file, probe: probe)
        _ = try await services.eventStore(for: "Account")
        _ = try await services.eventStore(for: "Company")
        #expect(
            probe.notes == [
                "open other /data/other - -1 - - -1",
                "open main /data/main commit 65536 0.25 seconds true -1",
            ])
        #expect(try await services.snapshotStore(for: "Account") is MemorySnapshotStore)
        #expect(try await services.snapshotStore(for: "Company") == nil)
        #expect(try await services.snapshotFrequency(for: "Account") == 20)
        #expect(try await services.snapshotFrequency(for: "Company") == 100)
        #expect(try await services.identityMapCountMax(for: "Account") == 1000)
        #expect(try await services.router(for: "Company") is ProbeRouter)
    }

    @Test func compositeRouterPassesToEachOfItsNames() async throws {
        let probe = Probe()
        let services = try await services(Self.file, probe: probe)
        let router = try #require(try await services.router(for: "Account"))
        let event = NewEvent(aggregateID: AggregateID(), type: "Happened", payload: Data())
        try await router.route([
            RecordedEvent(event, position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        ])
        #expect(probe.notes == ["one got 1", "two got 1"])
    }

    @Test func oneInstanceIsMadeForEachDefinitionHoweverManyAskAtOnce() async throws {
        let probe = Probe()
        let services = try await services(Self.file, probe: probe)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0 ..< 50 {
                group.addTask { _ = try await services.eventStore(for: AggregateType("Type\(number)")) }
            }
            try await group.waitForAll()
        }
        #expect(probe.notes.count == 1)
        let one = try await services.eventStore(for: "A") as? MemoryEventStore
        let other = try await services.eventStore(for: "B") as? MemoryEventStore
        #expect(one != nil && one === other)
    }

    @Test func kindWithoutSettingsNeedsNoDefinition() async throws {
        let services = try await services("default: {event_store: memory, router: standard_output}")
        let one = try await services.eventStore(for: "A") as? MemoryEventStore
        let other = try await services.eventStore(for: "B") as? MemoryEventStore
        #expect(one != nil && one === other)
        #expect(try await services.router(for: "A") is StandardOutputRouter)
    }

    @Test func definitionGoesBeforeAKindOfItsName() async throws {
        let probe = Probe()
        let text = "{event_stores: {memory: {kind: log, path: /data}}, default: {event_store: memory}}"
        let services = try await services(text, probe: probe)
        _ = try await services.eventStore(for: "A")
        #expect(probe.notes == ["open memory /data - -1 - - -1"])
    }

    @Test func mistakeIsToldOnOneLine() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await services("default: {event_store: \"ma\\nin\"}")
            _ = try await services.eventStore(for: "A")
        }
        #expect(error.map { "\($0)".contains("\n") } == false)
    }

    @Test func failedCloseKeepsNoOtherFromBeingClosed() async throws {
        struct Stuck: Error {}
        let probe = Probe()
        var registry = probe.registry
        registry.registerEventStore("stuck") { definition in
            await definition.onClose { throw Stuck() }
            return MemoryEventStore()
        }
        let services = try await RecallServices(
            file: nil,
            environment: [
                "EVENT_STORES_MAIN_KIND": "log", "EVENT_STORES_MAIN_PATH": "/data",
                "DEFAULT_EVENT_STORE": "main", "ACCOUNT_EVENT_STORE": "stuck",
            ], registry: registry)
        _ = try await services.eventStore(for: "Company")
        _ = try await services.eventStore(for: "Account")
        await #expect(throws: Stuck.self) { try await services.close() }
        #expect(probe.notes.last == "close main")
    }

    @Test func environmentOverridesTheFile() async throws {
        let probe = Probe()
        let services = try await services(
            Self.file,
            [
                "ACCOUNT_EVENT_STORE": "main", "EVENT_STORES_MAIN_PATH": "/elsewhere",
                "EVENT_STORES_MAIN_DURABILITY": "system", "DEFAULT_SNAPSHOT_FREQUENCY": "3",
                "ACCOUNT_SNAPSHOT_STORE": "none", "ROUTERS_BOTH_ROUTERS": "two, two",
                "BANK_ACCOUNT_SNAPSHOT_FREQUENCY": "9",
            ], probe: probe)
        _ = try await services.eventStore(for: "Account")
        #expect(probe.notes == ["open main /elsewhere system 65536 0.25 seconds true -1"])
        #expect(try await services.snapshotStore(for: "Account") == nil)
        #expect(try await services.snapshotFrequency(for: "Account") == 20)
        #expect(try await services.snapshotFrequency(for: "Company") == 3)
        #expect(try await services.snapshotFrequency(for: "BankAccount") == 9)
        #expect(try await services.router(for: "Account") is CompositeRouter)
    }

    @Test func environmentAloneIsEnough() async throws {
        let probe = Probe()
        let services = try await RecallServices(
            file: nil,
            environment: [
                "EVENT_STORES_MAIN_KIND": "log", "EVENT_STORES_MAIN_PATH": "/data",
                "DEFAULT_EVENT_STORE": "main", "ACCOUNT_EVENT_STORE": "memory",
            ], registry: probe.registry)
        _ = try await services.eventStore(for: "Account")
        #expect(probe.notes == [])
        _ = try await services.eventStore(for: "Company")
        #expect(probe.notes == ["open main /data - -1 - - -1"])
    }

    @Test func prefixKeepsOtherProgramsVariablesOut() async throws {
        let environment = ["DEFAULT_SNAPSHOT_FREQUENCY": "1", "SHOP_DEFAULT_SNAPSHOT_FREQUENCY": "2"]
        let services = try await services(Self.file, environment, prefix: "SHOP")
        #expect(try await services.snapshotFrequency(for: "Company") == 2)
    }

    @Test func builtInDefaultsCanNameAnEventStore() async throws {
        let services = try await RecallServices(
            file: nil, environment: [:], defaults: BuiltInDefaults(eventStore: "memory", snapshotFrequency: 5)
        )
        let configuration = try await services.repositoryConfiguration(for: "Account")
        #expect(configuration.eventStore is MemoryEventStore)
        #expect(configuration.snapshotStore == nil)
        #expect(configuration.router == nil)
        #expect(configuration.snapshotFrequency == 5)
        #expect(configuration.identityMapCountMax == 1000)
    }

    @Test func repositoryWorksOnWhatWasChosen() async throws {
        let probe = Probe()
        let services = try await services(
            "{default: {event_store: memory, router: probe}, Company: {snapshot_store: memory, snapshot_frequency: 1}}",
            probe: probe)
        let companies = try await services.repository(for: Company.self)
        var company = Company(id: AggregateID())
        try company.found(name: "Planet Express")
        try await companies.save(&company)
        #expect(probe.notes == ["probe got 1"])
        #expect(try await services.eventStore(for: "Company").lastPosition() == 1)
        #expect(try await services.snapshotStore(for: "Company")?.latest(of: company.id)?.version == 1)
        let again = try await services.repository(for: Company.self).load(company.id)
        #expect(again.name == "Planet Express")
    }

    @Test func definitionThatNeedsAnotherGetsTheSharedInstance() async throws {
        let probe = Probe()
        let services = try await services(
            "{event_stores: {main: {kind: log, path: a}}, snapshot_stores: {s: {kind: beside, event_store: main}}, default: {event_store: main, snapshot_store: s}}",
            probe: probe)
        _ = try await services.repositoryConfiguration(for: "Account")
        #expect(probe.notes == ["open main a - -1 - - -1", "beside"])
    }

    @Test func closeClosesTheNewestFirstAndRefusesWhatComesLater() async throws {
        let probe = Probe()
        let services = try await services(Self.file, probe: probe)
        _ = try await services.eventStore(for: "Account")
        _ = try await services.eventStore(for: "Company")
        try await services.close()
        try await services.close()
        #expect(Array(probe.notes.suffix(2)) == ["close main", "close other"])
        let error = await #expect(throws: ConfigurationError.self) {
            try await services.eventStore(for: "Account")
        }
        #expect(error?.code == .closed)
    }
}
