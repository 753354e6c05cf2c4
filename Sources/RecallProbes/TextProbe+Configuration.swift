// The probe of configuration files: any text is a configuration, or is refused with a place and a reason.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallConfiguration

extension TextProbe {
    /// Reads bytes as the YAML file of a configuration, and asks for what it chooses.
    ///
    /// Checked: the only error is one of a configuration, in one line that names the place; what opens can be closed.
    /// - Parameter input: the bytes of the file.
    /// - Returns: how many stores, snapshot stores and routers were made; 0 where the file was refused.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func configuration(_ input: Data) async throws -> Int {
        let services: RecallServices
        do throws(ConfigurationError) {
            services = try RecallServices(
                text: Array(input), place: "/recall.yaml", environment: [:], registry: registry)
        } catch {
            try check(error)
            return 0
        }
        return try await open(services)
    }

    /// Kinds with a setting of every type.
    private static let registry: StoreRegistry = {
        var registry = StoreRegistry()
        registry.registerEventStore(
            "log",
            settings: [
                "path", "durability", "segment_bytes_max", "interval", "verify", "hosts", .secret("key"),
            ]
        ) { definition in
            _ = try definition.string("path")
            _ = try definition.choice("durability", of: ["commit", "interval", "system"])
            _ = try definition.int("segment_bytes_max", in: 4096 ... 1_000_000)
            _ = try definition.duration("interval")
            _ = try definition.bool("verify")
            _ = try definition.strings("hosts")
            _ = try definition.int("key")
            await definition.onClose {}
            return MemoryEventStore()
        }
        registry.registerSnapshotStore("beside", settings: ["event_store"]) { definition in
            _ = try await definition.eventStore(named: definition.requiredString("event_store"))
            return MemorySnapshotStore()
        }
        return registry
    }()

    private static func open(_ services: RecallServices) async throws -> Int {
        var count = 0
        for type in ["Account", "Order", "a"] as [AggregateType] {
            do {
                _ = try await services.eventStore(for: type)
                count += 1
                if try await services.snapshotStore(for: type) != nil { count += 1 }
                if try await services.router(for: type) != nil { count += 1 }
                _ = try await services.snapshotFrequency(for: type)
                _ = try await services.identityMapCountMax(for: type)
            } catch {
                try check(error)
            }
        }
        try await services.close()
        return count
    }

    private static func check(_ error: ConfigurationError) throws {
        // A message may repeat names of the file, and lists those that are known.
        try checkMessage(error.description, lengthMax: 64 << 10)
        try require(!(error.place ?? "").isEmpty, "an error names no place: \(error)")
    }
}
