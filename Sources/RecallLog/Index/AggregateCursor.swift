// The aggregates of one index, in memory or in a file, in the order in which a file has them. From memory
// they come bucket by bucket, so that no sorted copy of the whole is made.

/// Walks over the aggregates of an input in the order of a file: by hash, then by id.
struct AggregateCursor {
    let input: IndexInput
    private(set) var hash: UInt64 = 0
    private(set) var id = RawIdentifier(high: 0, low: 0)
    private(set) var isAtEnd = false
    /// In a file, the next aggregate; in memory, the next one of `group`.
    private var next = 0
    private var groupIndex = 0
    private var group: [(hash: UInt64, index: Int)] = []
    /// In memory, the entry of this aggregate.
    private var entryIndex = 0
    private var found: IndexFile.Aggregate?

    init(_ input: IndexInput) throws(FormatError) {
        self.input = input
        try advance()
    }

    mutating func advance() throws(FormatError) {
        switch input {
        case .file(let file):
            guard next < file.aggregateCount else {
                isAtEnd = true
                return
            }
            let aggregate = try file.aggregate(at: next)
            next += 1
            let hash = aggregate.entry.id.mixed
            // An input in disorder would make a file in disorder, in which nothing is found.
            guard next == 1 || self.hash < hash || (self.hash == hash && id < aggregate.entry.id) else {
                throw FormatError("the aggregates of the index are in disorder")
            }
            found = aggregate
            id = aggregate.entry.id
            self.hash = hash
        case .active(let index):
            while next == group.count {
                guard groupIndex < index.slots.groupCount else {
                    isAtEnd = true
                    return
                }
                group.removeAll(keepingCapacity: true)
                for slot in index.slots.group(groupIndex) {
                    let place = Int(UInt32(truncatingIfNeeded: slot)) - 1
                    group.append((index.id(at: place).mixed, place))
                }
                group.sort {
                    $0.hash == $1.hash ? index.id(at: $0.index) < index.id(at: $1.index) : $0.hash < $1.hash
                }
                groupIndex += 1
                next = 0
            }
            (hash, entryIndex) = group[next]
            id = index.id(at: entryIndex)
            next += 1
        }
    }

    /// The aggregate as the input has it.
    var entry: AggregateEntry {
        switch input {
        case .file: found?.entry ?? AggregateEntry(id: id, version: 0, graphPosition: 0)
        case .active(let index): index.entry(at: entryIndex)
        }
    }

    /// Puts the frames that list the aggregate behind what is in an array, in order.
    func appendReferences(
        addingOrdinal ordinal: UInt32, to result: inout [IndexReference]
    ) throws(FormatError) {
        switch input {
        case .file(let file):
            guard let found else { return }
            for index in try file.references(of: found) {
                var reference = try file.reference(at: index)
                reference.ordinal += ordinal
                result.append(reference)
            }
        case .active(let index):
            var offsets: [Int] = []
            index.appendOffsets(ofEntryAt: entryIndex, to: &offsets)
            for offset in offsets {
                result.append(IndexReference(ordinal: ordinal, offset: UInt32(truncatingIfNeeded: offset)))
            }
        }
    }

    /// How many frames list the aggregate.
    var referenceCount: Int {
        switch input {
        case .file: found?.referenceCount ?? 0
        case .active(let index): index.referenceCount(ofEntryAt: entryIndex)
        }
    }
}
