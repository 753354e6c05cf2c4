// How far readers in other processes may read: one page of the lock file, in shared memory. Never
// synced, and meaningless without a living writer. Layout: docs/format.md.

/// The page of the lock file that the writer publishes through. The maps given to it are of the whole
/// page, so that its offsets are always inside, and the answers of the checked stores need no look.
package final class WatermarkPage: Sendable {
    private let map: any DiskMap

    package init(_ map: any DiskMap) { self.map = map }

    /// Begins a writer's time: nothing is published until the first `publish`.
    package func begin(processID: UInt64) {
        _ = map.storeRelease(0, at: 0)
        _ = map.storeRelease(processID, at: 8)
        _ = map.storeRelease(0, at: 16)
    }

    package func publish(_ position: UInt64) {
        _ = map.storeRelease(position, at: 16)
        // Last: until the magic stands there, what an earlier writer left is not believed.
        _ = map.storeRelease(Format.watermarkMagic.littleEndian, at: 0)
        map.wakeWaiting(at: Self.positionOffset, flagOffset: Self.waitingOffset)
    }

    /// Ends the writer's time.
    package func end() {
        _ = map.storeRelease(0, at: 0)
        map.wakeWaiting(at: Self.positionOffset, flagOffset: Self.waitingOffset)
    }

    private static let positionOffset = 16
    private static let waitingOffset = 24

    /// Sleeps while the published position is the given one; at most for a time, and maybe shorter. The page is mapped for storing.
    package func wait(while position: UInt64, atMost time: Duration) {
        map.wait(
            whileAt: Self.positionOffset, is: position, flagOffset: Self.waitingOffset, atMost: time)
    }

    /// Whether somebody has said that he waits, and was not woken since.
    package var isAwaited: Bool { map.loadAcquire(at: Self.waitingOffset).map { $0 != 0 } ?? false }

    /// Whether the file of the page was cut short.
    package var isLost: Bool { map.isLost }

    /// Who the writer is; nil where nobody has written it.
    package var processID: UInt64? {
        let number = map.loadAcquire(at: 8)
        return number == 0 ? nil : number
    }

    /// The published position; nil where no writer has published one.
    package var position: UInt64? {
        guard map.loadAcquire(at: 0) == Format.watermarkMagic.littleEndian else { return nil }
        return map.loadAcquire(at: 16)
    }
}
