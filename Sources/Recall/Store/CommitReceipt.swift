// What an append comes back with. It is made for every commit, so that one of a single stream, as most
// are, holds everything in itself and takes no memory of its own.

/// What a store answers for a commit that it holds.
public struct CommitReceipt: Hashable, Sendable {
    /// The position of the first event of the commit.
    public var firstPosition: Position
    /// The position of the last event; those between are of the same commit.
    public var lastPosition: Position
    /// For each stream of the commit, the version of its last event in it.
    package var streams: StreamVersions
    /// Whether the events had been stored before under the same ids, so that nothing was written now.
    public var wasStoredBefore: Bool

    /// A receipt as a store makes it.
    /// - Parameter versions: for each stream with an event in the commit, the version of its last one.
    public init(
        firstPosition: Position, lastPosition: Position, versions: [AggregateID: Version],
        wasStoredBefore: Bool
    ) {
        self.init(
            firstPosition: firstPosition, lastPosition: lastPosition, streams: StreamVersions(versions),
            wasStoredBefore: wasStoredBefore)
    }

    /// A receipt without a dictionary.
    package init(
        firstPosition: Position, lastPosition: Position, streams: StreamVersions, wasStoredBefore: Bool
    ) {
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        self.streams = streams
        self.wasStoredBefore = wasStoredBefore
    }

    /// The version of a stream's last event in the commit; nil for a stream that got none.
    ///
    /// Takes longer the more streams the commit has: use `versions` to look up many of many.
    public func version(of aggregate: AggregateID) -> Version? { streams[aggregate] }

    /// For each stream of the commit, the version of its last event in it. Made anew at each look.
    public var versions: [AggregateID: Version] {
        get { streams.dictionary }
        set { streams = StreamVersions(newValue) }
    }
}
