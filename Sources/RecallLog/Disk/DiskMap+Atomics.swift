// Numbers in mapped memory that one thread or process stores and others load: whoever sees the number
// sees all that was stored before it. Every offset is checked, so that none leaves the map.

internal import CRecallSystem

extension DiskMap {
    /// Stores a number in the machine's byte order.
    /// - Parameter offset: a multiple of 8, at least 8 bytes before the map's end.
    /// - Returns: whether the offset was one that the map has.
    package func storeRelease(_ value: UInt64, at offset: Int) -> Bool {
        guard hasWord(at: offset) else { return false }
        recall_store_release_u64(base + offset, value)
        return true
    }

    /// Loads a number that `storeRelease` stored.
    /// - Parameter offset: a multiple of 8, at least 8 bytes before the map's end.
    /// - Returns: nil where the map has no such offset.
    package func loadAcquire(at offset: Int) -> UInt64? {
        guard hasWord(at: offset) else { return nil }
        return recall_load_acquire_u64(base + offset)
    }

    /// Sleeps until the number at an offset is not the given one and somebody who stored it has seen that it is waited for, or the time has
    /// passed. May return sooner.
    /// - Parameter flagOffset: of the number that says that somebody waits; the map is writable.
    package func wait(whileAt offset: Int, is number: UInt64, flagOffset: Int, atMost time: Duration) {
        guard hasWord(at: offset), hasWord(at: flagOffset) else { return }
        recall_note_waiting(base + flagOffset)
        guard recall_load_acquire_u64(base + offset) == number else { return }
        let (seconds, attoseconds) = time.components
        let nanoseconds = max(0, min(seconds, 3_600)) * 1_000_000_000 + attoseconds / 1_000_000_000
        recall_wait_for_change(base + Self.lowHalf(offset), UInt32(truncatingIfNeeded: number), nanoseconds)
    }

    /// Wakes who waits for the number at an offset, where anybody does; after it was stored.
    package func wakeWaiting(at offset: Int, flagOffset: Int) {
        guard hasWord(at: offset), hasWord(at: flagOffset), recall_take_waiting(base + flagOffset) else {
            return
        }
        recall_wake_waiting(base + Self.lowHalf(offset))
    }

    /// Where the half of a number stands that changes with every step.
    private static func lowHalf(_ offset: Int) -> Int { UInt32(1).littleEndian == 1 ? offset : offset + 4 }

    private func hasWord(at offset: Int) -> Bool {
        offset >= 0 && offset % 8 == 0 && count >= 8 && offset <= count - 8
    }
}
