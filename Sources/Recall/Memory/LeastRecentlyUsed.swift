// A dictionary that holds a bounded number of values and forgets the one that was not used for the
// longest time. A doubly linked list through an array keeps every operation at constant cost.

/// Values by key, at most `countMax` of them.
struct LeastRecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        var key: Key
        var value: Value
        var newer: Int?
        var older: Int?
    }

    /// At most this many values are kept; 0 or less for none.
    let countMax: Int
    private var slots: [Key: Int] = [:]
    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?

    init(countMax: Int) { self.countMax = countMax }

    var count: Int { slots.count }

    /// A value, without counting as use.
    func peek(_ key: Key) -> Value? {
        slots[key].flatMap { nodes[$0]?.value }
    }

    /// A value, which becomes the most recently used.
    mutating func use(_ key: Key) -> Value? {
        guard let slot = slots[key], let node = nodes[slot] else { return nil }
        if newest != slot {
            unlink(slot)
            linkAsNewest(slot)
        }
        return node.value
    }

    /// Keeps a value as the most recently used one, and forgets the oldest where there are too many.
    mutating func insert(_ value: Value, for key: Key) {
        if countMax <= 0 { return }
        if let slot = slots[key] {
            nodes[slot]?.value = value
            unlink(slot)
            linkAsNewest(slot)
            return
        }
        if slots.count >= countMax, let oldest, let key = nodes[oldest]?.key { remove(key) }
        let node = Node(key: key, value: value, newer: nil, older: nil)
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            nodes[slot] = node
        } else {
            slot = nodes.count
            nodes.append(node)
        }
        slots[key] = slot
        linkAsNewest(slot)
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let slot = slots.removeValue(forKey: key), let node = nodes[slot] else { return nil }
        unlink(slot)
        nodes[slot] = nil
        free.append(slot)
        return node.value
    }

    mutating func removeAll() { self = LeastRecentlyUsed(countMax: countMax) }

    private mutating func linkAsNewest(_ slot: Int) {
        nodes[slot]?.newer = nil
        nodes[slot]?.older = newest
        if let newest { nodes[newest]?.newer = slot }
        newest = slot
        if oldest == nil { oldest = slot }
    }

    private mutating func unlink(_ slot: Int) {
        guard let node = nodes[slot] else { return }
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
    }
}
