// The service locator: what an aggregate type works with, made when it is first asked for and shared
// from then on. One instance for each definition, whoever asks and however many ask at once.

public import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Event stores, snapshot stores, routers and numbers, as a file and the environment choose them for
/// each aggregate type.
public actor RecallServices: CustomReflectable {
    private let plan: ConfigurationPlan
    private var instances: [DefinitionKey: Task<Result<StoreRegistry.Product, ConfigurationError>, Never>] =
        [:]
    /// Which definition asked for which, so that a circle is an error and not a wait without end.
    private var dependencies: [DefinitionKey: Set<DefinitionKey>] = [:]
    private var closers: [@Sendable () async throws -> Void] = []
    private var isClosed = false

    /// Reads and checks a configuration. Nothing is opened yet.
    /// - Parameters:
    ///   - file: the path of a YAML file; nil for environment variables alone.
    ///   - environment: variables that override the file; nil for those of the process. `Account:
    ///     event_store:` is overridden by `ACCOUNT_EVENT_STORE`.
    ///   - environmentPrefix: what the names of the variables begin with, without the underscore.
    ///   - registry: the kinds of stores and routers.
    ///   - aggregateTypes: the types that there are, so that a misspelt one is an error; nil for any.
    ///   - defaults: what holds where nothing is chosen.
    /// - Throws: what is wrong, where, what was expected and what was found.
    public init(
        file: String?, environment: [String: String]? = nil, environmentPrefix: String? = nil,
        registry: StoreRegistry = StoreRegistry(), aggregateTypes: Set<AggregateType>? = nil,
        defaults: BuiltInDefaults = BuiltInDefaults()
    ) async throws(ConfigurationError) {
        try self.init(
            try file.map { (path) throws(ConfigurationError) in try ConfigurationFile(path: path) },
            environment: environment, environmentPrefix: environmentPrefix, registry: registry,
            aggregateTypes: aggregateTypes, defaults: defaults)
    }

    /// Checks a configuration whose text is there already.
    /// - Parameters:
    ///   - text: what would stand in the YAML file.
    ///   - place: what messages call it.
    /// - Throws: as above.
    package init(
        text: [UInt8], place: String, environment: [String: String] = [:],
        registry: StoreRegistry = StoreRegistry()
    ) throws(ConfigurationError) {
        let text = text[...]
        try self.init(
            try ConfigurationFile(text: text.span.bytes, path: place), environment: environment,
            environmentPrefix: nil, registry: registry, aggregateTypes: nil, defaults: BuiltInDefaults())
    }

    private init(
        _ file: ConfigurationFile?, environment: [String: String]?, environmentPrefix: String?,
        registry: StoreRegistry, aggregateTypes: Set<AggregateType>?, defaults: BuiltInDefaults
    ) throws(ConfigurationError) {
        let source = ConfigurationSource(
            file: file, environment: environment ?? ProcessInfo.processInfo.environment,
            prefix: environmentPrefix)
        plan = ConfigurationPlan(
            source: source, registry: registry, defaults: defaults,
            aggregateTypes: aggregateTypes.map { Set($0.map(\.rawValue)) })
        let definitions = try plan.check()
        for key in definitions { try check(key) }
    }

    /// Has a kind look at its settings, before anything is opened.
    private nonisolated func check(_ key: DefinitionKey) throws(ConfigurationError) {
        let (kind, factory) = try plan.factory(
            named: key.name, in: key.section, chosenAt: [key.section.rawValue])
        let definition = Definition(
            name: key.name, kind: kind, section: key.section, settings: factory.settings, source: plan.source,
            services: self)
        do {
            try factory.check?(definition)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw plan.source.error(
                .invalidValue, at: [key.section.rawValue, key.name],
                "expected settings that make sense together for the kind \(kind), found what its cause names: correct that.",
                cause: error)
        }
    }

    /// Nothing of what was read: any value of a file may be a secret.
    public nonisolated var customMirror: Mirror { Mirror(self, children: ["file": plan.source.file as Any]) }

    // MARK: For an aggregate type

    /// The event store of an aggregate type, made when it is first asked for; types that choose the same
    /// definition share it.
    /// - Throws: `missingValue` where none is chosen, `unknownName` where there is none of that name;
    ///   `factoryFailed` or another error of its factory; `closed`.
    public func eventStore(for type: AggregateType) async throws(ConfigurationError) -> any EventStore {
        let (name, path) = try plan.chosen(.eventStores, for: type)
        return try await eventStore(named: name, chosenAt: path, for: nil)
    }

    /// The snapshot store of an aggregate type, made when it is first asked for; nil for none.
    /// - Throws: `factoryFailed` or another error of its factory; `closed`.
    public func snapshotStore(for type: AggregateType) async throws(ConfigurationError) -> (
        any SnapshotStore
    )? {
        let (name, path) = try plan.chosen(.snapshotStores, for: type)
        return try await snapshotStore(named: name, chosenAt: path, for: nil)
    }

    /// The router of an aggregate type, made when it is first asked for; nil for none.
    /// - Throws: `factoryFailed` or another error of its factory; `closed`.
    public func router(for type: AggregateType) async throws(ConfigurationError) -> (any EventRouter)? {
        let (name, path) = try plan.chosen(.routers, for: type)
        return try await router(named: name, chosenAt: path, for: nil)
    }

    /// After how many events of a graph a save makes a snapshot; 0 for never.
    /// - Throws: `invalidValue` where what is configured is no such number.
    public func snapshotFrequency(for type: AggregateType) throws(ConfigurationError) -> Int {
        try plan.chosen(.snapshotFrequency, for: type, builtIn: plan.defaults.snapshotFrequency)
    }

    /// How many aggregates of the type are kept in memory at most.
    /// - Throws: `invalidValue` where what is configured is no such number.
    public func identityMapCountMax(for type: AggregateType) throws(ConfigurationError) -> Int {
        try plan.chosen(.identityMapCountMax, for: type, builtIn: plan.defaults.identityMapCountMax)
    }

    /// Everything that a repository of an aggregate type works with.
    /// - Parameter coder: the codec and the upcasters, which only code can give.
    /// - Throws: what the stores, the router and the numbers above throw.
    public func repositoryConfiguration(
        for type: AggregateType, coder: EventCoder = EventCoder()
    ) async throws(ConfigurationError) -> RepositoryConfiguration {
        RepositoryConfiguration(
            eventStore: try await eventStore(for: type), snapshotStore: try await snapshotStore(for: type),
            router: try await router(for: type), coder: coder,
            snapshotFrequency: try snapshotFrequency(for: type),
            identityMapCountMax: try identityMapCountMax(for: type))
    }

    /// A new repository of an aggregate type. It keeps aggregates in memory, so make it once and use it
    /// from then on.
    /// - Parameter coder: the codec and the upcasters, which only code can give.
    /// - Throws: what the stores, the router and the numbers above throw.
    public func repository<Root: AggregateRoot>(
        for root: Root.Type, coder: EventCoder = EventCoder()
    ) async throws(ConfigurationError) -> Repository<Root> {
        Repository(try await repositoryConfiguration(for: Root.aggregateType, coder: coder))
    }

    // MARK: By name

    func eventStore(
        named name: String, chosenAt path: [String]? = nil, for user: DefinitionKey?
    ) async throws(ConfigurationError) -> any EventStore {
        let product = try await product(named: name, in: .eventStores, chosenAt: path, for: user)
        guard case .eventStore(let store) = product else { throw unexpectedProduct(name, .eventStores) }
        return store
    }

    func snapshotStore(
        named name: String, chosenAt path: [String]? = nil, for user: DefinitionKey?
    ) async throws(ConfigurationError) -> (any SnapshotStore)? {
        let product = try await product(named: name, in: .snapshotStores, chosenAt: path, for: user)
        guard case .snapshotStore(let store) = product else { throw unexpectedProduct(name, .snapshotStores) }
        return store
    }

    func router(
        named name: String, chosenAt path: [String]? = nil, for user: DefinitionKey?
    ) async throws(ConfigurationError) -> (any EventRouter)? {
        let product = try await product(named: name, in: .routers, chosenAt: path, for: user)
        guard case .router(let router) = product else { throw unexpectedProduct(name, .routers) }
        return router
    }

    /// Each section has registrations of its own kind only, so this says that there is a mistake here.
    private func unexpectedProduct(_ name: String, _ section: Section) -> ConfigurationError {
        ConfigurationError(
            .factoryFailed,
            "the kind \(name) of \(section.rawValue) made something else: report this as a mistake in Recall."
        )
    }

    private func product(
        named name: String, in section: Section, chosenAt path: [String]?, for user: DefinitionKey?
    ) async throws(ConfigurationError) -> StoreRegistry.Product {
        if isClosed {
            throw ConfigurationError(
                .closed, "The services have been closed: make them anew from the configuration.")
        }
        let key = DefinitionKey(section: section, name: name)
        let userPath = user.map { [$0.section.rawValue, $0.name] }
        let (kind, factory) = try plan.factory(
            named: name, in: section, chosenAt: path ?? userPath ?? [section.rawValue, name])
        if let user { try note(user, needs: key) }
        if let known = instances[key] { return try await known.value.get() }
        let definition = Definition(
            name: name, kind: kind, section: section, settings: factory.settings, source: plan.source,
            services: self)
        let source = plan.source
        let task = Task<Result<StoreRegistry.Product, ConfigurationError>, Never> {
            do {
                return .success(try await factory.make(definition))
            } catch let error as ConfigurationError {
                return .failure(error)
            } catch {
                return .failure(
                    source.error(
                        .factoryFailed, at: [section.rawValue, name],
                        "the \(section.thing) of kind \(kind) could not be made (\(ErrorText.reason(error))): correct that.",
                        cause: error))
            }
        }
        instances[key] = task
        let result = await task.value
        // What failed may succeed later, when a server is up or a lock is free.
        if case .failure = result { instances[key] = nil }
        return try result.get()
    }

    private func note(_ user: DefinitionKey, needs needed: DefinitionKey) throws(ConfigurationError) {
        var waiting = [needed]
        var seen: Set<DefinitionKey> = []
        while let key = waiting.popLast() {
            if key == user {
                throw plan.source.error(
                    .circularDefinition, at: [user.section.rawValue, user.name],
                    "expected a definition that does not need itself, found that it needs \(needed), which leads back to it: take one of them out."
                )
            }
            if seen.insert(key).inserted { waiting += dependencies[key, default: []] }
        }
        dependencies[user, default: []].insert(needed)
    }

    // MARK: Closing

    func remember(_ close: @escaping @Sendable () async throws -> Void) { closers.append(close) }

    /// Closes all that factories asked to have closed, the newest first. Every one is tried; afterwards
    /// nothing can be asked for. Closing again does nothing.
    /// - Throws: the first error.
    public func close() async throws {
        isClosed = true
        // What is being made now may still ask to be closed.
        for task in instances.values { _ = await task.value }
        var first: (any Error)?
        while let close = closers.popLast() {
            do {
                try await close()
            } catch {
                first = first ?? error
            }
        }
        instances = [:]
        if let first { throw first }
    }
}
