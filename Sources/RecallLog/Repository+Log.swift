// A repository on a log takes both halves of it, so that nobody forgets the snapshots.

public import Recall

extension RepositoryConfiguration {
    /// The events of a log and the snapshots beside them; everything else has its default. The log stays the caller's to close.
    public init(_ log: Log) {
        self.init(eventStore: log.events, snapshotStore: log.snapshots)
    }
}

extension RepositoryConfiguration {
    /// The events of a log and the snapshots beside them, read as a domain says. The log stays the caller's to close.
    public init(_ log: Log, domain: Domain) {
        self.init(eventStore: log.events, domain: domain, snapshotStore: log.snapshots)
    }
}

extension Repository {
    /// A repository on the events of a log and the snapshots beside them, without a router. The log stays the caller's to close.
    public convenience init(_ log: Log) {
        self.init(RepositoryConfiguration(log))
    }

    /// The same for a repository that reads events as a domain says.
    public convenience init(_ log: Log, domain: Domain) {
        self.init(RepositoryConfiguration(log, domain: domain))
    }
}
