// The snapshots of a log that a configuration file names.

public import Recall

extension LogSnapshotStore: Configurable {
    /// `log`.
    public static var kind: String { "log" }

    /// `event_store`: the name of the definition of the log beside which the snapshots are kept.
    public static var settingNames: [SettingName] { ["event_store"] }

    /// The snapshot store of a log that is defined elsewhere.
    /// - Throws: the settings' errors; a rejection where the event store is no log.
    public static func make(from settings: any StoreSettings) async throws -> LogSnapshotStore {
        let name = try settings.requiredString("event_store")
        guard let store = try await settings.eventStore(named: name) as? LogEventStore else {
            throw settings.rejection(
                of: "event_store", expected: "the name of an event store of kind log", found: name)
        }
        return store.log.snapshots
    }
}
