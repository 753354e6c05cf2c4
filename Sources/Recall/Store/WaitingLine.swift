// Those who wait, in the order in which they came, each of whom may leave at any time. Whoever owns it guards it by a lock.
//
// Invariants: who is taken out is taken out once. Those who have left are not kept longer than as many others wait.

/// A line that is left at its front, or from anywhere by a key.
package struct WaitingLine<Element> {
    private var waiting: [UInt64: Element] = [:]
    /// Keys in the order of coming; those that are not waiting any more have left.
    private var order: [UInt64] = []
    private var nextIndex = 0

    package init() {}

    package var count: Int { waiting.count }

    /// - Parameter key: of this element alone, for as long as the line lasts.
    package mutating func append(_ element: Element, key: UInt64) {
        waiting[key] = element
        order.append(key)
    }

    /// Takes out who has waited longest; nil where nobody waits.
    package mutating func removeFirst() -> Element? {
        while nextIndex < order.count {
            let key = order[nextIndex]
            nextIndex += 1
            if let first = waiting.removeValue(forKey: key) {
                compactIfSparse()
                return first
            }
        }
        order.removeAll(keepingCapacity: true)
        nextIndex = 0
        return nil
    }

    /// Takes out one who does not want to wait any more; nil where that one is gone already.
    package mutating func remove(key: UInt64) -> Element? {
        defer { compactIfSparse() }
        return waiting.removeValue(forKey: key)
    }

    private mutating func compactIfSparse() {
        guard order.count > 2 * waiting.count + 16 else { return }
        order = order[nextIndex...].filter { waiting[$0] != nil }
        nextIndex = 0
    }
}

extension WaitingLine: Sendable where Element: Sendable {}
