// A dictionary that holds a bounded number of values and forgets the one that was not used for the
// longest time. Which that is, RecencyList knows.
//
// Invariant: a slot has a value exactly where the list has a key.

/// Values by key, at most `countMax` of them.
struct LeastRecentlyUsed<Value: Sendable>: Sendable {
    /// At most this many values are kept; 0 or less for none.
    let countMax: Int
    private var order = RecencyList()
    private var values: [Value?] = []

    init(countMax: Int) { self.countMax = countMax }

    var count: Int { order.count }

    /// A value, without counting as use.
    func peek(_ key: AggregateID) -> Value? {
        guard let slot = order.slot(of: key) else { return nil }
        return values[slot]
    }

    /// A value, which becomes the most recently used.
    mutating func use(_ key: AggregateID) -> Value? {
        guard let slot = order.slot(of: key) else { return nil }
        order.use(slot: slot)
        return values[slot]
    }

    /// Keeps a value as the most recently used one, and forgets the oldest where there are too many.
    /// - Parameter isToStay: whether the value that is kept stays, so that nothing changes.
    mutating func insert(
        _ value: Value, for key: AggregateID, unless isToStay: (Value) -> Bool = { _ in false }
    ) {
        if countMax <= 0 { return }
        if let slot = order.slot(of: key) {
            if let known = values[slot], isToStay(known) { return }
            values[slot] = value
            order.use(slot: slot)
            return
        }
        if order.count >= countMax, let slot = order.removeOldest() { values[slot] = nil }
        let slot = order.insert(key)
        if slot == values.count { values.append(value) } else { values[slot] = value }
    }

    /// Forgets a value.
    mutating func remove(_ key: AggregateID) {
        if let slot = order.remove(key) { values[slot] = nil }
    }

    mutating func removeAll() { self = LeastRecentlyUsed(countMax: countMax) }
}
