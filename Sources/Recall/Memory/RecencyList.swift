// Keys in the order of their last use: a doubly linked list through an array keeps every operation at
// constant cost. It is not generic, since it runs for each load and save of a repository, whose own type
// the compiler does not know here: generic code would look the types of its parts up at each step.
//
// Invariant: a key has one slot as long as it is in the list. Slots count from 0 and are used again.

/// Keys by slot, the most recently used first.
struct RecencyList: Sendable {
    private struct Node: Sendable {
        var key: AggregateID
        /// The slot of the next newer key; -1 for none.
        var newer = -1
        /// The slot of the next older key; -1 for none.
        var older = -1
    }

    private var slots: [AggregateID: Int] = [:]
    private var nodes: [Node] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1

    var count: Int { slots.count }

    /// Where a key is, without counting as use; nil where it is not in the list.
    func slot(of key: AggregateID) -> Int? { slots[key] }

    /// Makes the key in a slot the most recently used.
    mutating func use(slot: Int) {
        if newest == slot { return }
        unlink(slot)
        linkAsNewest(slot)
    }

    /// Puts a key that is not in the list into it, as the most recently used.
    /// - Returns: its slot.
    mutating func insert(_ key: AggregateID) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            nodes[slot].key = key
        } else {
            slot = nodes.count
            nodes.append(Node(key: key))
        }
        slots[key] = slot
        linkAsNewest(slot)
        return slot
    }

    /// Takes a key out.
    /// - Returns: the slot that it had; nil where it was not in the list.
    mutating func remove(_ key: AggregateID) -> Int? {
        guard let slot = slots.removeValue(forKey: key) else { return nil }
        unlink(slot)
        free.append(slot)
        return slot
    }

    /// Takes out the key that was not used for the longest time.
    /// - Returns: the slot that it had; nil in an empty list.
    mutating func removeOldest() -> Int? { oldest < 0 ? nil : remove(nodes[oldest].key) }

    private mutating func linkAsNewest(_ slot: Int) {
        nodes[slot].newer = -1
        nodes[slot].older = newest
        if newest >= 0 { nodes[newest].newer = slot }
        newest = slot
        if oldest < 0 { oldest = slot }
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (nodes[slot].newer, nodes[slot].older)
        if newer >= 0 { nodes[newer].older = older } else { newest = older }
        if older >= 0 { nodes[older].newer = newer } else { oldest = newer }
    }
}
