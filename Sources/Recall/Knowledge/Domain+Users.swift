// Who works with a domain: whatever turns stored events into the program's own.

extension RepositoryConfiguration {
    /// Everything but the event store and the domain has a default: no snapshots, no router, the system's clock.
    public init(eventStore: any EventStore, domain: Domain, snapshotStore: (any SnapshotStore)? = nil) {
        self.init(eventStore: eventStore, snapshotStore: snapshotStore, coder: domain.coder)
    }
}

extension CallbackRouter {
    /// A router that reads events as the domain says.
    public init(domain: Domain) { self.init(coder: domain.coder) }
}

extension Player {
    /// A player that reads events as the domain says.
    public init(store: any EventStore, domain: Domain) { self.init(store: store, coder: domain.coder) }
}
