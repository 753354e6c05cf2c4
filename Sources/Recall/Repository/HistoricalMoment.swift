// Which past of an aggregate is meant.

/// A moment in an aggregate's history.
public enum HistoricalMoment: Hashable, Sendable {
    /// Just before the root's event that follows the one with this version: what happened to children
    /// until then belongs to it.
    case version(Version)
    /// Everything up to the last event of the graph that happened at or before this time. Events that a clock which ran ahead
    /// has stamped with a later one, and that stand in front of it, belong to it: an aggregate is never without some event in
    /// the middle of its history.
    case time(Timestamp)

    /// Whether `event` happened after a version. A time is passed at a position, which a store is asked for.
    func isPassed(by event: RecordedEvent, ofRoot rootID: AggregateID) -> Bool {
        switch self {
        case .version(let version): event.aggregateID == rootID && event.version > version
        case .time: false
        }
    }
}
