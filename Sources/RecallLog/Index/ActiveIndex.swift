// The index of the frames that no file covers yet: in memory, added to with every commit, and turned
// into a file when its segment is sealed. Flat arrays, so that a commit allocates nothing of its own.

/// Frames of one segment, from one offset to another, by aggregate, event id and position.
package struct ActiveIndex: Sendable {
    private struct Reference: Sendable {
        var offset: UInt32
        /// Where the one before it stands, plus 1; 0 for the first.
        var previous: UInt32
    }

    /// What is covered.
    package var coverage: IndexCoverage
    private var slots: [RawIdentifier: UInt32] = [:]
    private var entries: [AggregateEntry] = []
    private var references: [Reference] = []
    package private(set) var ids = FingerprintTable()
    /// Position less the first one covered, and offset, of every 32nd commit frame.
    package private(set) var positions: [(delta: UInt32, offset: UInt32)] = []
    private var commitCount = 0

    package init(_ coverage: IndexCoverage) { self.coverage = coverage }

    package var aggregateCount: Int { entries.count }
    package var referenceCount: Int { references.count }

    /// Adds a commit; its streams and ids follow with the calls below.
    package mutating func beginCommit(offset: Int, firstPosition: UInt64) {
        // Behind damage a frame may state a position that is further away than an entry can say; reading
        // towards it begins at an earlier one then.
        if commitCount % Format.positionStride == 0,
            let delta = UInt32(exactly: firstPosition - coverage.firstPosition)
        {
            positions.append((delta, UInt32(offset)))
        }
        commitCount += 1
    }

    package mutating func addStream(_ stream: StreamEntry, offset: Int, firstPosition: UInt64) {
        let graphPosition = firstPosition + UInt64(stream.lastIndex)
        if let slot = slots[stream.id] {
            let index = Int(slot)
            references.append(
                Reference(offset: UInt32(offset), previous: UInt32(entries[index].reference + 1)))
            entries[index].version = stream.version
            entries[index].graphPosition = graphPosition
            entries[index].reference = references.count - 1
            entries[index].referenceCount += 1
        } else {
            references.append(Reference(offset: UInt32(offset), previous: 0))
            slots[stream.id] = UInt32(entries.count)
            entries.append(
                AggregateEntry(
                    id: stream.id, version: stream.version, graphPosition: graphPosition,
                    reference: references.count - 1, referenceCount: 1))
        }
    }

    package mutating func addEventID(_ id: RawIdentifier, offset: Int) {
        ids.insert(id.fingerprint, offset: UInt32(offset))
    }

    /// Adds a commit that was read from a segment.
    package mutating func add(_ commit: CommitHeader, _ segment: RawSpan) throws(FormatError) {
        beginCommit(offset: commit.frame.offset, firstPosition: commit.firstPosition)
        var streams = commit.streamReader
        for _ in 0 ..< commit.streamCount {
            let stream = try commit.nextStream(&streams, segment)
            addStream(stream, offset: commit.frame.offset, firstPosition: commit.firstPosition)
        }
        var ids = commit.eventIDReader
        for _ in 0 ..< commit.eventCount {
            addEventID(try commit.nextEventID(&ids, segment), offset: commit.frame.offset)
        }
    }

    package func aggregate(_ id: RawIdentifier) -> AggregateEntry? {
        slots[id].map { entries[Int($0)] }
    }

    /// Offsets of the frames that list an aggregate, ascending.
    package func offsets(of entry: AggregateEntry) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(entry.referenceCount)
        var next = entry.reference + 1
        while next > 0 {
            let reference = references[next - 1]
            result.append(Int(reference.offset))
            next = Int(reference.previous)
        }
        result.reverse()
        return result
    }

    /// The aggregates that at least so many commits list, the most frequent where there are more; sorted by id.
    package func frequentStreams(referenceCountMin: Int, countMax: Int) -> [RawIdentifier] {
        guard countMax > 0 else { return [] }
        var frequent = entries.filter { $0.referenceCount >= referenceCountMin }
        if frequent.count > countMax {
            frequent.sort { $0.referenceCount > $1.referenceCount }
            frequent.removeLast(frequent.count - countMax)
        }
        return frequent.map(\.id).sorted()
    }

    /// The aggregates in the order of their ids.
    package func sortedAggregates() -> [AggregateEntry] { entries.sorted { $0.id < $1.id } }

    /// Where reading towards a position begins: the offset of a commit frame at or before it, nil where
    /// all that is covered lies behind it.
    package func offset(before position: UInt64) -> Int? {
        guard position >= coverage.firstPosition else { return nil }
        let delta = position - coverage.firstPosition
        let index = partitionIndex(of: positions.count) { UInt64(positions[$0].delta) > delta }
        return index == 0 ? nil : Int(positions[index - 1].offset)
    }
}

/// The first index below `count` for which `isBehind` holds, where it holds for all that follow; else `count`.
package func partitionIndex(of count: Int, _ isBehind: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
        let middle = (low + high) / 2
        if isBehind(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}
