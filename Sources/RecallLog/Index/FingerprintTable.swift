// Finds the frames that may hold an event id: open addressing over integers, so that adding an event
// allocates nothing but the table's own growth.

/// Fingerprints of event ids, each with the offset of a frame.
package struct FingerprintTable: Sendable {
    /// The fingerprint in the high half, the offset in the low one; 0 for a free slot, which no entry
    /// is, because no frame lies at offset 0.
    private var slots: [UInt64] = []
    package private(set) var count = 0

    package init() {}

    package mutating func insert(_ fingerprint: UInt32, offset: UInt32) {
        if 3 * (count + 1) > 2 * slots.count { grow() }
        Self.place(UInt64(fingerprint) << 32 | UInt64(offset), in: &slots)
        count += 1
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: Swift.max(64, slots.count * 2))
        for entry in slots where entry != 0 { Self.place(entry, in: &larger) }
        slots = larger
    }

    private static func place(_ entry: UInt64, in slots: inout [UInt64]) {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: entry >> 32) & mask
        while slots[index] != 0 { index = (index + 1) & mask }
        slots[index] = entry
    }

    /// Whether a frame may hold an id with this fingerprint.
    @inline(__always)
    package func contains(_ fingerprint: UInt32) -> Bool {
        guard !slots.isEmpty else { return false }
        let mask = slots.count - 1
        var index = Int(fingerprint) & mask
        while slots[index] != 0 {
            if UInt32(truncatingIfNeeded: slots[index] >> 32) == fingerprint { return true }
            index = (index + 1) & mask
        }
        return false
    }

    /// Calls `body` with the offset of each frame that may hold an id with this fingerprint.
    package func forEachOffset(of fingerprint: UInt32, _ body: (UInt32) -> Void) {
        guard !slots.isEmpty else { return }
        let mask = slots.count - 1
        var index = Int(fingerprint) & mask
        while slots[index] != 0 {
            if UInt32(truncatingIfNeeded: slots[index] >> 32) == fingerprint {
                body(UInt32(truncatingIfNeeded: slots[index]))
            }
            index = (index + 1) & mask
        }
    }

    /// All entries in ascending order of fingerprint and offset, as an index file holds them.
    package func sortedEntries() -> [UInt64] {
        slots.filter { $0 != 0 }.sorted()
    }
}
