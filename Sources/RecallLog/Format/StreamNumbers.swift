// Which number a stream has in the dictionary of the tail: two bytes in a frame instead of sixteen.

/// The streams of one dictionary, found by id.
package struct StreamNumbers: Sendable {
    private var ids: [RawIdentifier] = []
    /// Open addressing over numbers; 0 for a free slot.
    private var slots: [UInt16] = []

    package init() {}

    package init(_ ids: [RawIdentifier]) {
        self.ids = ids
        guard !ids.isEmpty else { return }
        var count = 16
        while count < 2 * ids.count { count *= 2 }
        slots = [UInt16](repeating: 0, count: count)
        for index in ids.indices.prefix(Format.dictionaryIDCountMax) {
            var slot = Int(ids[index].fingerprint) & (count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (count - 1) }
            slots[slot] = UInt16(index + 1)
        }
    }

    package init(_ dictionary: SegmentDictionary, _ bytes: RawSpan) {
        self.init((0 ..< dictionary.idCount).map { RawIdentifier(bytes, at: dictionary.idsOffset + 16 * $0) })
    }

    /// The number of a stream, from 1; 0 for one that is not there.
    @inline(__always)
    package func number(of id: RawIdentifier) -> Int {
        guard !slots.isEmpty else { return 0 }
        let mask = slots.count - 1
        var slot = Int(id.fingerprint) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot])
            if ids[number - 1] == id { return number }
            slot = (slot + 1) & mask
        }
        return 0
    }
}
