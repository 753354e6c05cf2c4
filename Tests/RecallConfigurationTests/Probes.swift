// Kinds of stores and routers that tell what they were made with.

import Recall
import RecallConfiguration
import Synchronization

/// What the factories of a test did.
final class Probe: Sendable {
    private let lines = Mutex<[String]>([])

    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var notes: [String] { lines.withLock { $0 } }

    /// The built-in kinds, `log` and `failing` event stores, and the router `probe`.
    var registry: StoreRegistry {
        var registry = StoreRegistry()
        registry.registerEventStore(
            "log",
            settings: ["path", "durability", "segment_bytes_max", "interval", "verify", .secret("key")]
        ) { [self] definition in
            let path = try definition.requiredString("path")
            let durability = try definition.choice("durability", of: ["commit", "interval", "system"])
            let bytesMax = try definition.int("segment_bytes_max", in: 4096 ... 1_000_000)
            let interval = try definition.duration("interval")
            let isVerified = try definition.bool("verify")
            let key = try definition.int("key")
            note(
                "open \(definition.name) \(path) \(durability ?? "-") \(bytesMax ?? -1) \(interval.map { "\($0)" } ?? "-") \(isVerified.map { "\($0)" } ?? "-") \(key ?? -1)"
            )
            await definition.onClose { self.note("close \(definition.name)") }
            return MemoryEventStore()
        }
        registry.registerEventStore("failing", settings: ["password"]) { [self] _ in
            note("failed")
            throw StoreError(.locked, "The store is locked by process 7.")
        }
        registry.registerEventStore("careless") { definition in
            _ = try definition.string("undeclared")
            return MemoryEventStore()
        }
        registry.registerSnapshotStore("beside", settings: ["event_store"]) { [self] definition in
            _ = try await definition.eventStore(named: definition.requiredString("event_store"))
            note("beside")
            return MemorySnapshotStore()
        }
        registry.registerRouter("probe") { [self] definition in
            ProbeRouter(name: definition.name, probe: self)
        }
        return registry
    }
}

struct ProbeRouter: EventRouter {
    let name: String
    let probe: Probe
    func route(_ events: [RecordedEvent]) async throws { probe.note("\(name) got \(events.count)") }
}
