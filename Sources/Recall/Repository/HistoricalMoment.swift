// Which past of an aggregate is meant.

/// A moment in an aggregate's history.
public enum HistoricalMoment: Hashable, Sendable {
    /// Just before the root's event that follows the one with this version: what happened to children
    /// until then belongs to it.
    case version(Version)
    /// Everything up to the first event of the graph that happened later.
    case time(Timestamp)

    /// Whether `event` happened after the moment.
    func isBefore(_ event: RecordedEvent, ofRoot rootID: AggregateID) -> Bool {
        switch self {
        case .version(let version): event.aggregateID == rootID && event.version > version
        case .time(let time): event.time > time
        }
    }
}
