// Up to where a store is restored.

public import Recall

/// A moment in the life of a store.
public enum RestorePoint: Hashable, Sendable {
    /// All that the backup holds.
    case end
    /// The commits that end at or before a position, from 1 to the last one.
    case position(Position)
    /// The commits that were stored at or before a time, by the clock of the log that stored them. Two commits may have the same
    /// time; both are there or neither.
    case time(Timestamp)
}
