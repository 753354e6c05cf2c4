// The index of the frames that no file covers yet: in memory, added to with every commit, and turned
// into a file when its segment is sealed. Small elements in pieces that never move, so that a commit
// allocates nothing of its own and no commit waits for the whole to be copied.

/// Frames of one segment, from one offset to another, by aggregate, event id and position.
package struct ActiveIndex: Sendable {
    /// What does not fit into an entry. Only frames that state numbers no store has come to have such.
    private struct WideEntry: Sendable {
        var version: UInt64
        var graphPosition: UInt64
    }

    /// What is covered.
    package var coverage: IndexCoverage
    /// The numbers of entries, plus 1.
    /// Frames from here on may not be written yet, unless all that is covered is published.
    var unpublishedOffset = Int.max
    private(set) var slots = SlotTable()
    private var entries = ChunkedArray<ActiveEntry>()
    private var wide: [UInt32: WideEntry] = [:]
    /// How many references each entry has: to follow them only to count them would go through all of memory.
    /// The greatest number stands for more than it says.
    private var referenceCounts = ChunkedArray<UInt16>()
    private var references = ChunkedArray<ActiveReference>()
    /// The offsets of frames.
    private(set) var ids = SlotTable()
    /// Of the first commit frame in each page of the segment.
    private(set) var positions = ChunkedArray<ActivePosition>()
    private var lastPage = -1
    /// Of the event ids; the lesser is greater than the greater one while there are none.
    private(set) var idMin = RawIdentifier(high: .max, low: .max)
    private(set) var idMax = RawIdentifier(high: 0, low: 0)

    package init(_ coverage: IndexCoverage) { self.coverage = coverage }

    package var aggregateCount: Int { entries.count }
    package var referenceCount: Int { references.count }
    package var eventIDCount: Int { ids.count }

    /// What the index takes of memory, in bytes.
    package var byteCount: Int {
        slots.byteCount + entries.byteCount + referenceCounts.byteCount + references.byteCount
            + ids.byteCount + positions.byteCount
    }

    // MARK: Adding

    /// Adds a commit; its streams and ids follow with the calls below.
    package mutating func beginCommit(offset: Int, firstPosition: UInt64) {
        let page = offset / IndexFormat.positionPageSize
        guard page != lastPage else { return }
        lastPage = page
        // Behind damage a frame may state a position that is further away than an entry can say; reading
        // towards it begins at an earlier one then.
        guard firstPosition >= coverage.firstPosition,
            let delta = UInt32(exactly: firstPosition - coverage.firstPosition)
        else { return }
        positions.append(ActivePosition(delta: delta, offset: UInt32(truncatingIfNeeded: offset)))
    }

    package mutating func addStream(_ stream: StreamEntry, offset: Int, firstPosition: UInt64) {
        let fingerprint = stream.id.fingerprint
        let found = entryIndex(of: stream.id, fingerprint)
        let reference = ActiveReference(
            offset: UInt32(truncatingIfNeeded: offset),
            previous: found.map { entries[$0].reference + 1 } ?? 0)
        let newest = UInt32(truncatingIfNeeded: references.count)
        references.append(reference)
        var entry = ActiveEntry(id: stream.id, reference: newest)
        let graphPosition = firstPosition + UInt64(stream.lastIndex)
        let index = found ?? entries.count
        let fits = { (number: UInt64) in number < UInt64(UInt32.max) }
        if fits(stream.version), graphPosition >= coverage.firstPosition,
            fits(graphPosition - coverage.firstPosition)
        {
            entry.version = UInt32(stream.version)
            entry.graphDelta = UInt32(graphPosition - coverage.firstPosition)
        } else {
            wide[UInt32(truncatingIfNeeded: index)] = WideEntry(
                version: stream.version, graphPosition: graphPosition)
        }
        if found == nil {
            entries.append(entry)
            referenceCounts.append(1)
            slots.insert(fingerprint, UInt32(truncatingIfNeeded: index + 1))
        } else {
            entries[index] = entry
            if referenceCounts[index] < .max { referenceCounts[index] += 1 }
        }
    }

    package mutating func addEventID(_ id: RawIdentifier, offset: Int) {
        // A frame that repeats an id, which no writer makes, counts once.
        ids.insert(id.fingerprint, UInt32(truncatingIfNeeded: offset))
        if id < idMin { idMin = id }
        if idMax < id { idMax = id }
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

    /// Only for the bug of that name.
    mutating func forgetEventIDs() { ids = SlotTable() }

    // MARK: Look-ups

    @inline(__always)
    private func entryIndex(of id: RawIdentifier, _ fingerprint: UInt32) -> Int? {
        slots.first(fingerprint) { entries[Int($0) - 1].id == id }.map { Int($0) - 1 }
    }

    package func aggregate(_ id: RawIdentifier) -> AggregateEntry? {
        entryIndex(of: id, id.fingerprint).map { entry(at: $0) }
    }

    /// The aggregate with a number below `aggregateCount`.
    func entry(at index: Int) -> AggregateEntry {
        let entry = entries[index]
        if entry.isWide, let wide = wide[UInt32(truncatingIfNeeded: index)] {
            return AggregateEntry(id: entry.id, version: wide.version, graphPosition: wide.graphPosition)
        }
        return AggregateEntry(
            id: entry.id, version: UInt64(entry.version),
            graphPosition: coverage.firstPosition + UInt64(entry.graphDelta))
    }

    func id(at index: Int) -> RawIdentifier { entries[index].id }

    /// Offsets of the frames that list an aggregate, ascending.
    package func offsets(of id: RawIdentifier) -> [Int] {
        guard let index = entryIndex(of: id, id.fingerprint) else { return [] }
        var result: [IndexReference] = []
        appendReferences(ofEntryAt: index, ordinal: 0, to: &result)
        return result.map { Int($0.offset) }
    }

    /// Offsets of the frames that list an aggregate, ascending, without those that are on their way to the disk.
    /// - Parameter published: what readers may see now, or could shortly before.
    func offsets(of id: RawIdentifier, published: UInt64) -> [Int] {
        let all = offsets(of: id)
        if published >= coverage.nextPosition - 1 || all.last ?? 0 < unpublishedOffset { return all }
        return all.filter { $0 < unpublishedOffset }
    }

    /// Puts an aggregate's frames, ascending, behind what is in an array.
    func appendReferences(ofEntryAt index: Int, ordinal: UInt32, to result: inout [IndexReference]) {
        let start = result.count
        var next = entries[index].reference + 1
        while next > 0 {
            let reference = references[Int(next) - 1]
            result.append(IndexReference(ordinal: ordinal, offset: reference.offset))
            next = reference.previous
        }
        result[start...].reverse()
    }

    func referenceCount(ofEntryAt index: Int) -> Int {
        if referenceCounts[index] < .max { return Int(referenceCounts[index]) }
        var count = 0
        var next = entries[index].reference + 1
        while next > 0 {
            next = references[Int(next) - 1].previous
            count += 1
        }
        return count
    }

    /// The aggregates that at least so many commits list, the most frequent where there are more; sorted by id.
    package func frequentStreams(referenceCountMin: Int, countMax: Int) -> [RawIdentifier] {
        guard countMax > 0 else { return [] }
        var frequent: [(id: RawIdentifier, count: Int)] = []
        for index in 0 ..< entries.count {
            let count = referenceCount(ofEntryAt: index)
            if count >= referenceCountMin { frequent.append((entries[index].id, count)) }
        }
        if frequent.count > countMax {
            frequent.sort { $0.count > $1.count }
            frequent.removeLast(frequent.count - countMax)
        }
        return frequent.map(\.id).sorted()
    }

    /// Whether a frame may hold an event id. Ids that are made in the order of time are nearly always
    /// greater than all before, so that nothing has to be looked up for a new one.
    @inline(__always)
    package func mayHold(_ id: RawIdentifier) -> Bool {
        if idMax < id || id < idMin { return false }
        return ids.first(id.fingerprint) { _ in true } != nil
    }

    /// Offsets of the frames that may hold an event id with this fingerprint.
    package func offsets(ofFingerprint fingerprint: UInt32) -> [Int] {
        var result: [Int] = []
        _ = ids.first(fingerprint) {
            result.append(Int($0))
            return false
        }
        return result
    }

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
