// What only shows when the events of a commit are seen beside each other: an id that stands twice, an
// entity with two roots or two types. A few events are compared each with each, which needs no memory;
// many go through one table of indexes.
//
// Invariant: of several mistakes the first event that makes one is named, and of its mistakes the id's
// first, then the root's, then the type's.

extension StoreLimits {
    /// Up to this many events each is compared with all before it.
    private static let comparedCountMax = 16

    /// Checks that events have ids of their own, and that those of an entity agree on its root and type.
    static func checkTogether(_ events: [NewEvent]) throws(StoreError) {
        if events.count <= comparedCountMax {
            try checkFew(events)
        } else {
            try checkMany(events)
        }
    }

    private static func checkFew(_ events: [NewEvent]) throws(StoreError) {
        var ids = SixteenHalves()
        var entities = SixteenHalves()
        for index in events.indices {
            let id = RawHalves(events[index].id)
            let entity = RawHalves(events[index].aggregateID)
            ids[index] = id
            entities[index] = entity
            for earlier in 0 ..< index where ids[earlier] == id {
                throw .duplicateInCommit(events[index].id)
            }
            // All earlier events of the entity agree, so that any of them will do.
            var earlier = index - 1
            while earlier >= 0, entities[earlier] != entity { earlier -= 1 }
            if earlier >= 0 { try checkEntity(events, index, earlier) }
        }
    }

    private static func checkMany(_ events: [NewEvent]) throws(StoreError) {
        var ids = IndexTable(capacity: events.count)
        var entities = IndexTable(capacity: events.count)
        var previous = RawHalves()
        for index in events.indices {
            let id = RawHalves(events[index].id)
            if ids.insert(index, id, equals: { RawHalves(events[$0].id) == id }) != nil {
                throw .duplicateInCommit(events[index].id)
            }
            let entity = RawHalves(events[index].aggregateID)
            if index > 0, entity == previous {
                try checkEntity(events, index, index - 1)
                continue
            }
            previous = entity
            let known = entities.insert(
                index, entity, equals: { RawHalves(events[$0].aggregateID) == entity })
            if let known { try checkEntity(events, index, known) }
        }
    }

    /// Checks two events of one entity.
    private static func checkEntity(
        _ events: [NewEvent], _ index: Int, _ earlier: Int
    ) throws(StoreError) {
        if events[index].rootID != events[earlier].rootID {
            throw StoreError(
                .invalidArgument,
                "Event \(index) of the commit gives entity \(events[index].aggregateID) the root \(events[index].rootID), and an earlier one gives it \(events[earlier].rootID); nothing was written: an entity has one root."
            )
        }
        if events[index].aggregateType != events[earlier].aggregateType {
            throw StoreError(
                .invalidArgument,
                "Event \(index) of the commit gives entity \(events[index].aggregateID) the aggregate type \"\(events[index].aggregateType)\", and an earlier one gives it \"\(events[earlier].aggregateType)\"; nothing was written: an entity has one type."
            )
        }
    }
}

/// An identity as two numbers, to be kept in rows.
private struct RawHalves: Equatable, BitwiseCopyable {
    var high: UInt64
    var low: UInt64

    init(high: UInt64 = 0, low: UInt64 = 0) { (self.high, self.low) = (high, low) }

    init(_ id: some Identifier) { (high, low) = id.halves }

    /// Its place in a table. Differs from process to process, so that nobody can choose ids that collide.
    var hash: UInt64 {
        let product = (high ^ Self.seed.0).multipliedFullWidth(by: low ^ Self.seed.1)
        return product.high ^ product.low
    }

    private static let seed = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next() as UInt64, generator.next() as UInt64)
    }()
}

/// Sixteen of them, in no memory of their own.
private struct SixteenHalves {
    private var high = SIMD16<UInt64>()
    private var low = SIMD16<UInt64>()

    subscript(index: Int) -> RawHalves {
        get { RawHalves(high: high[index], low: low[index]) }
        set { (high[index], low[index]) = (newValue.high, newValue.low) }
    }
}

/// Finds indexes by the identity that stands at them: open addressing in one array, never full.
private struct IndexTable {
    /// An index and one more; 0 for a free slot.
    private var slots: [UInt32]
    private let mask: Int

    /// - Parameter capacity: how many are inserted at most.
    init(capacity: Int) {
        var count = 64
        while count < capacity * 2 { count *= 2 }
        slots = Array(repeating: 0, count: count)
        mask = count - 1
    }

    /// Inserts an index, unless the same identity stands at another.
    /// - Returns: that other index; nil where there was none.
    mutating func insert(_ index: Int, _ id: RawHalves, equals: (Int) -> Bool) -> Int? {
        var slot = Int(truncatingIfNeeded: id.hash) & mask
        while slots[slot] != 0 {
            let known = Int(slots[slot]) - 1
            if equals(known) { return known }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(index + 1)
        return nil
    }
}
