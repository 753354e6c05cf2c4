// How far readers in other processes may read: one page of the lock file, in shared memory. Never
// synced, and meaningless without a living writer. Layout: docs/format.md.

internal import CRecallSystem

/// The page of the lock file that the writer publishes through.
package final class WatermarkPage: Sendable {
    private let map: any DiskMap

    package init(_ map: any DiskMap) { self.map = map }

    /// Begins a writer's time: nothing is published until the first `publish`.
    package func begin(processID: UInt64) {
        recall_store_release_u64(map.base, 0)
        recall_store_release_u64(map.base + 8, processID)
        recall_store_release_u64(map.base + 16, 0)
    }

    package func publish(_ position: UInt64) {
        recall_store_release_u64(map.base + 16, position)
        // Last: until the magic stands there, what an earlier writer left is not believed.
        recall_store_release_u64(map.base, Format.watermarkMagic.littleEndian)
    }

    /// Ends the writer's time.
    package func end() { recall_store_release_u64(map.base, 0) }

    /// Who the writer is; nil where nobody has written it.
    package var processID: UInt64? {
        let number = recall_load_acquire_u64(map.base + 8)
        return number == 0 ? nil : number
    }

    /// The published position; nil where no writer has published one.
    package var position: UInt64? {
        guard recall_load_acquire_u64(map.base) == Format.watermarkMagic.littleEndian else { return nil }
        return recall_load_acquire_u64(map.base + 16)
    }
}
