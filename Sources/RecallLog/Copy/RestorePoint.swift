// Up to where a store is restored.

public import Recall

/// A moment in the life of a store.
public enum RestorePoint: Hashable, Sendable {
    /// All that the backup holds.
    case end
    /// The commits that end at or before a position, from 1 to the last one.
    case position(Position)
    /// Everything up to the last commit that was stored at or before a time, by the clock of the log that stored it. Where that
    /// clock once ran ahead or went back, commits of a later time may stand in front of it: they are there, since order is the
    /// position's matter, and `RestoreResult.laterEventCount` says how many events they hold.
    case time(Timestamp)
}
