// Kinds that know their own names and settings, registered in a word.

public import Recall

extension StoreRegistry {
    /// Registers an event store by the name of its kind; one of the same name that was registered before is replaced.
    public mutating func register<Store: EventStore & Configurable>(_ store: Store.Type) {
        registerEventStore(Store.kind, settings: Store.settingNames) { try await Store.make(from: $0) }
        check(Store.kind, in: .eventStores) { try Store.check($0) }
    }

    /// Registers a snapshot store by the name of its kind; one of the same name that was registered before is replaced.
    public mutating func register<Store: SnapshotStore & Configurable>(_ store: Store.Type) {
        registerSnapshotStore(Store.kind, settings: Store.settingNames) { try await Store.make(from: $0) }
        check(Store.kind, in: .snapshotStores) { try Store.check($0) }
    }

    /// Registers a router by the name of its kind; one of the same name that was registered before is replaced.
    public mutating func register<Router: EventRouter & Configurable>(_ router: Router.Type) {
        registerRouter(Router.kind, settings: Router.settingNames) { try await Router.make(from: $0) }
        check(Router.kind, in: .routers) { try Router.check($0) }
    }
}
