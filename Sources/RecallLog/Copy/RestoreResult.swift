// What a restore came to.

public import Recall

/// What a restored store holds.
public struct RestoreResult: Hashable, Sendable {
    /// The last position that the store holds; 0 where it holds no event.
    public var position: Position
    /// The positions of a commit that was left out, though its first ones were asked for: a commit is there whole or not at all.
    /// Nil where the store ends where it was to end.
    public var dividedCommit: ClosedRange<Position>?
    /// How many events the store holds whose commit was stored after the time that was asked for, by the clock of then: each
    /// stands in front of one that was not. 0 where no time was asked for.
    public var laterEventCount = 0
    /// How many segments were copied.
    public var segmentCount = 0
    /// Bytes that were copied: headers, dictionaries and frames.
    public var byteCount = 0
    /// What verifying the store found, before it was made one: nothing that is wrong.
    public var verification = VerificationReport()
}
