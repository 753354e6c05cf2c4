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
    private var group: [(hash: UInt64, id: RawIdentifier, index: Int)] = []
    /// In memory, the entry of this aggregate.
    private var entryIndex = 0
    private var found: IndexFile.Aggregate?

    init(_ input: IndexInput) throws(FormatError) {
        self.input = input
        try advance()
    }

    mutating func advance() throws(FormatError) {
        switch input {
        case .file(let file): try advance(in: file)
        case .memory(let frozen):
            if next == group.count, !loadGroup(of: frozen.index) {
                isAtEnd = true
                return
            }
            (hash, id, entryIndex) = group[next]
            next += 1
        }
    }

    private mutating func advance(in file: IndexFile) throws(FormatError) {
        guard next < file.aggregateCount else {
            isAtEnd = true
            return
        }
        let aggregate = try file.aggregate(at: next)
        let hash = aggregate.entry.id.mixed
        // An input in disorder would make a file in disorder, in which nothing is found.
        guard next == 0 || self.hash < hash || (self.hash == hash && id < aggregate.entry.id) else {
            throw FormatError("the aggregates of the index are in disorder")
        }
        next += 1
        found = aggregate
        id = aggregate.entry.id
        self.hash = hash
    }

    /// The aggregates of the next bucket that has any, in order.
    private mutating func loadGroup(of index: borrowing ActiveIndex) -> Bool {
        group.removeAll(keepingCapacity: true)
        next = 0
        while group.isEmpty {
            guard groupIndex < index.slots.groupCount else { return false }
            for slot in index.slots.group(groupIndex) {
                let place = Int(UInt32(truncatingIfNeeded: slot)) - 1
                let id = index.id(at: place)
                group.append((id.mixed, id, place))
            }
            group.sort { $0.hash == $1.hash ? $0.id < $1.id : $0.hash < $1.hash }
            groupIndex += 1
        }
        return true
    }

    /// The aggregate as the input has it.
    var entry: AggregateEntry {
        switch input {
        case .file: found?.entry ?? AggregateEntry(id: id, version: 0, graphPosition: 0)
        case .memory(let frozen): frozen.index.entry(at: entryIndex)
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
        case .memory(let frozen):
            frozen.index.appendReferences(ofEntryAt: entryIndex, ordinal: ordinal, to: &result)
        }
    }

    /// How many frames list the aggregate.
    var referenceCount: Int {
        switch input {
        case .file: found?.referenceCount ?? 0
        case .memory(let frozen): frozen.index.referenceCount(ofEntryAt: entryIndex)
        }
    }
}
