// The streams of a commit in the order of their first event, each behind its root. Its memory is kept from commit
// to commit.

package import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Gathers the streams of one commit.
package struct StreamList: Sendable {
    /// As the frame will list them; versions are filled in when the commit gets its place.
    package var entries: [StreamEntry] = []
    /// For each stream, the index of an event of its own, which names its aggregate type; -1 for none.
    package private(set) var typeIndexes: [Int] = []
    /// For each event, the index of its stream.
    package private(set) var indexes: [Int] = []
    /// Open addressing over the indexes of entries, plus one; used once a few streams are there.
    private var slots: [UInt32] = []

    /// So many streams are found faster by looking at each.
    private static let scannedCountMax = 6

    package init() {}

    /// Forgets the streams and keeps the memory.
    package mutating func removeAll() {
        entries.removeEach()
        typeIndexes.removeEach()
        indexes.removeEach()
    }

    /// Counts the events of a commit in.
    /// - Throws: `invalidArgument` where they contradict each other about a root.
    package mutating func add(_ events: [NewEvent]) throws(StoreError) {
        prepareSlots(eventCount: events.count)
        for index in events.indices {
            try add(
                RawIdentifier(events[index].aggregateID.uuid), root: RawIdentifier(events[index].rootID.uuid),
                at: index)
        }
    }

    private mutating func add(
        _ id: RawIdentifier, root rootID: RawIdentifier, at index: Int
    ) throws(StoreError) {
        let root = list(rootID, root: 0)
        guard entries[root].root == 0 else { throw Self.nested(id, rootID, index) }
        guard rootID != id else { return count(root, at: index) }
        let stream = list(id, root: root + 1)
        guard entries[stream].root == root + 1 else { throw Self.nested(id, rootID, index) }
        count(stream, at: index)
        entries[root].lastIndex = index
    }

    private mutating func count(_ stream: Int, at index: Int) {
        entries[stream].eventCount += 1
        entries[stream].lastIndex = index
        typeIndexes[stream] = index
        indexes.append(stream)
    }

    /// The index of a stream, listed now where it was not.
    private mutating func list(_ id: RawIdentifier, root: Int) -> Int {
        if slots.isEmpty || entries.count <= Self.scannedCountMax {
            if let known = entries.firstIndex(where: { $0.id == id }) { return known }
        } else {
            let mask = slots.count - 1
            var slot = Int(id.fingerprint) & mask
            while slots[slot] != 0 {
                let known = Int(slots[slot]) - 1
                if entries[known].id == id { return known }
                slot = (slot + 1) & mask
            }
        }
        entries.append(StreamEntry(id: id, root: root, previousVersion: 0, eventCount: 0, lastIndex: 0))
        typeIndexes.append(-1)
        if !slots.isEmpty { place(entries.count - 1) }
        return entries.count - 1
    }

    private mutating func place(_ index: Int) {
        let mask = slots.count - 1
        var slot = Int(entries[index].id.fingerprint) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(index + 1)
    }

    /// Makes room for every stream that so many events can name, their roots among them.
    private mutating func prepareSlots(eventCount: Int) {
        guard eventCount > Self.scannedCountMax / 2 else {
            if !slots.isEmpty { slots.removeAll(keepingCapacity: true) }
            return
        }
        var count = 16
        while count < 4 * eventCount { count *= 2 }
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(0, count: count))
    }

    private static func nested(_ id: RawIdentifier, _ root: RawIdentifier, _ index: Int) -> StoreError {
        StoreError(
            .invalidArgument,
            "Event \(index) of the commit gives entity \(AggregateID(id.uuid)) the root \(AggregateID(root.uuid)), and another event of the commit contradicts that; nothing was written: give all entities of a graph its one root."
        )
    }
}

extension Array where Element: BitwiseCopyable {
    /// Removes all and keeps the memory. Nearly always there is one: then this costs a tenth of `removeAll`.
    @inline(__always)
    mutating func removeEach() { while !isEmpty { removeLast() } }
}
