// The log as a file names it: opened with its settings, its snapshots beside it, closed with the services.

import Foundation
import PlanetExpressDomain
import Recall
import RecallConfiguration
import RecallLog
import Testing

@Suite struct LogKindTests {
    /// A directory that is gone when the test is.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: "recall-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ name: String) -> String { url.appending(path: name).path }
    }

    private func services(_ text: String) async throws -> RecallServices {
        var registry = StoreRegistry()
        registry.register(LogEventStore.self)
        registry.register(LogSnapshotStore.self)
        let file = try TemporaryFile(text)
        return try await RecallServices(file: file.path, environment: [:], registry: registry)
    }

    private let event = NewEvent(aggregateID: AggregateID(), type: "Happened", payload: Data("1".utf8))

    @Test(arguments: ["store", "store.recall"])
    func logOfAFileKeepsEventsAndSnapshots(name: String) async throws {
        let folder = try Folder()
        let text = """
            event_stores:
              main: {kind: log, path: \(folder.path(name)), durability: interval, interval: 5 ms, segment_bytes_max: 1000000}
            snapshot_stores:
              kept: {kind: log, event_store: main}
            default: {event_store: main, snapshot_store: kept}
            """
        let snapshot = Snapshot(
            aggregateID: event.aggregateID, aggregateType: "", version: 1, position: 1, schemaFingerprint: 7,
            time: Timestamp(microsecondsSince1970: 1), payload: Data("state".utf8))
        do {
            let services = try await services(text)
            _ = try await services.eventStore(for: "Company").append(Commit(events: [event]))
            try await #require(try await services.snapshotStore(for: "Company")).save(snapshot)
            try await services.close()
        }
        // The lock was given back, or this would not open.
        let services = try await services(text)
        #expect(try await services.eventStore(for: "Company").lastPosition() == 1)
        #expect(
            try await services.snapshotStore(for: "Company")?.latest(of: event.aggregateID) == snapshot)
        try await services.close()
    }

    @Test func missingStoreIsNotMadeWhereOneIsExpected() async throws {
        let folder = try Folder()
        let services = try await services(
            "event_stores: {main: {kind: log, path: \(folder.path("store")), access: open_existing}}")
        let error = await #expect(throws: ConfigurationError.self) {
            try await services.eventStore(for: "Company")
        }
        #expect(error?.code == .missingValue, "no type chooses it")
        let chosen = try await self.services(
            """
            event_stores: {main: {kind: log, path: \(folder.path("store")), access: open_existing}}
            default: {event_store: main}
            """)
        let refused = await #expect(throws: ConfigurationError.self) {
            try await chosen.eventStore(for: "Company")
        }
        #expect((refused?.cause as? StoreError)?.code == .notFound)
        #expect(!FileManager.default.fileExists(atPath: folder.path("store")))
    }

    @Test(arguments: [
        ("durability: often", "event_stores.main.durability"),
        ("durability: interval", "event_stores.main.interval"),
        ("durability: commit, interval: 5 ms", "event_stores.main.interval"),
        ("segment_bytes_max: 1", "event_stores.main.segment_bytes_max"),
        ("access: sometimes", "event_stores.main.access"),
    ])
    func wrongSettingIsNamed(settings: String, place: String) async throws {
        let folder = try Folder()
        // When the file is read, and not when the store is asked for.
        let error = await #expect(throws: ConfigurationError.self) {
            try await services(
                """
                event_stores: {main: {kind: log, path: \(folder.path("store")), \(settings)}}
                default: {event_store: main}
                """)
        }
        #expect("\(String(describing: error))".contains(place))
        #expect(!FileManager.default.fileExists(atPath: folder.path("store")))
    }

    @Test func snapshotsBesideSomethingElseThanALogAreRefused() async throws {
        let services = try await services(
            """
            event_stores: {main: {kind: memory}}
            snapshot_stores: {kept: {kind: log, event_store: main}}
            default: {event_store: main, snapshot_store: kept}
            """)
        let error = await #expect(throws: ConfigurationError.self) {
            try await services.snapshotStore(for: "Company")
        }
        #expect("\(String(describing: error))".contains("expected the name of an event store of kind log"))
    }

    @Test func exampleInTheDocumentationIsRight() async throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.components(separatedBy: "```")
        let example = try #require(parts.first { $0.hasPrefix("yaml\n") }).dropFirst("yaml\n".count)
        let folder = try Folder()
        let path = folder.path("events")
        let services = try await services(String(example).replacing("/var/lib/shop/events", with: path))
        _ = try await services.eventStore(for: "Account")
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(try await services.eventStore(for: "Session") is MemoryEventStore)
        #expect(try await services.snapshotStore(for: "Session") == nil)
        #expect(try await services.snapshotStore(for: "Account") is MemorySnapshotStore)
        #expect(try await services.router(for: "Account") is CompositeRouter)
        #expect(try await services.router(for: "Company") == nil)
        #expect(try await services.snapshotFrequency(for: "Account") == 20)
        try await services.close()
    }
}
