// The factories, by the names that a file uses. A value that the application fills before it reads the
// file: no global list, and nothing is there that was not registered.

public import Recall

/// Makes event stores, snapshot stores and routers by the names of their kinds.
public struct StoreRegistry: Sendable {
    /// What a factory makes.
    enum Product: Sendable {
        case eventStore(any EventStore)
        /// Nil for none.
        case snapshotStore((any SnapshotStore)?)
        case router((any EventRouter)?)
    }

    struct Factory: Sendable {
        var settings: [SettingName]
        var make: @Sendable (Definition) async throws -> Product
        /// Checks the settings without making anything; nil where the kind has no check.
        var check: (@Sendable (Definition) throws -> Void)?
    }

    private var factories: [Section: [String: Factory]] = [:]

    /// A registry with what Recall itself has: event stores `memory`; snapshot stores `memory` (setting
    /// `count_max`) and `none`; routers `standard_output`, `composite` (setting `routers`, a list of
    /// names) and `none`.
    public init() {
        registerEventStore("memory") { _ in MemoryEventStore() }
        register("none", in: .snapshotStores, settings: []) { _ in .snapshotStore(nil) }
        registerSnapshotStore("memory", settings: ["count_max"]) { definition in
            MemorySnapshotStore(countMax: try definition.int("count_max", in: 1 ... Int.max) ?? 10_000)
        }
        register("none", in: .routers, settings: []) { _ in .router(nil) }
        registerRouter("standard_output") { _ in StandardOutputRouter() }
        registerRouter("composite", settings: ["routers"]) { definition in
            var routers: [(name: String, router: any EventRouter)] = []
            for name in try definition.requiredStrings("routers") {
                if let router = try await definition.router(named: name) { routers.append((name, router)) }
            }
            return CompositeRouter(routers)
        }
    }

    /// Registers a kind of event store.
    /// - Parameters:
    ///   - kind: what a file calls it; a kind of the same name that was registered before is replaced.
    ///   - settings: the settings that the factory reads, beside `kind`.
    ///   - make: makes the store; called once for each definition that is used.
    public mutating func registerEventStore(
        _ kind: String, settings: [SettingName] = [],
        _ make: @escaping @Sendable (Definition) async throws -> any EventStore
    ) {
        register(kind, in: .eventStores, settings: settings) { .eventStore(try await make($0)) }
    }

    /// Registers a kind of snapshot store. Parameters as for event stores.
    public mutating func registerSnapshotStore(
        _ kind: String, settings: [SettingName] = [],
        _ make: @escaping @Sendable (Definition) async throws -> any SnapshotStore
    ) {
        register(kind, in: .snapshotStores, settings: settings) { .snapshotStore(try await make($0)) }
    }

    /// Registers a kind of router. Parameters as for event stores.
    public mutating func registerRouter(
        _ kind: String, settings: [SettingName] = [],
        _ make: @escaping @Sendable (Definition) async throws -> any EventRouter
    ) {
        register(kind, in: .routers, settings: settings) { .router(try await make($0)) }
    }

    private mutating func register(
        _ kind: String, in section: Section, settings: [SettingName],
        _ make: @escaping @Sendable (Definition) async throws -> Product
    ) {
        factories[section, default: [:]][kind] = Factory(settings: settings, make: make)
    }

    /// Gives a kind that is registered a check of its settings.
    mutating func check(
        _ kind: String, in section: Section, with check: @escaping @Sendable (Definition) throws -> Void
    ) {
        factories[section]?[kind]?.check = check
    }

    func kinds(in section: Section) -> [String] { factories[section, default: [:]].keys.sorted() }

    func factory(_ kind: String, in section: Section) -> Factory? { factories[section]?[kind] }
}
