// What every index answers, whether it is in memory or a mapped file.

/// Finds frames of one segment.
package protocol FrameIndex: Sendable {
    var coverage: IndexCoverage { get }
    var aggregateCount: Int { get }

    /// An aggregate as it stands behind the last frame that is covered.
    func aggregate(_ id: RawIdentifier) -> AggregateEntry?

    /// Offsets of the frames that list an aggregate, ascending.
    func offsets(of entry: AggregateEntry) -> [Int]

    /// Calls `body` with the offset of each frame that may hold an event id with this fingerprint.
    func forEachOffset(of fingerprint: UInt32, _ body: (UInt32) -> Void)

    /// Whether a frame may hold an event id with this fingerprint.
    func mayHold(_ fingerprint: UInt32) -> Bool

    /// The offset of a commit frame at or before a position; nil where all that is covered lies behind it.
    func offset(before position: UInt64) -> Int?

    /// All aggregates, in any order.
    func forEachAggregate(_ body: (AggregateEntry) -> Void)
}

extension ActiveIndex: FrameIndex {
    package func mayHold(_ fingerprint: UInt32) -> Bool { ids.contains(fingerprint) }

    package func forEachOffset(of fingerprint: UInt32, _ body: (UInt32) -> Void) {
        ids.forEachOffset(of: fingerprint, body)
    }

    package func forEachAggregate(_ body: (AggregateEntry) -> Void) {
        for entry in sortedAggregates() { body(entry) }
    }
}

extension IndexFile: FrameIndex {}
