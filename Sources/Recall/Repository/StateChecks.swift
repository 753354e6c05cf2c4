// How much a repository mistrusts states that were kept. Each check costs replaying or encoding, so a program that is built for
// release has none unless it asks for them.

/// Which states are compared with what their events give.
public struct StateChecks: Sendable {
    /// Whether each save compares the state that it was given with that of a replay, and refuses one that differs with
    /// `stateWithoutEvent`. Costs encoding the state twice and decoding the new events; for a root that was not loaded by the
    /// repository, or has left its memory, a replay of all of its events.
    public var comparesAtSave: Bool
    /// Which part of the loads that begin at a snapshot is compared with a replay from the first event on, from 0 to 1. A
    /// snapshot that differs is logged as an error and removed, and the replayed state is used.
    public var snapshotSampleRate: Double
    /// Draws a number from 0 to 1 for the samples.
    public var random: @Sendable () -> Double = { Double.random(in: 0 ..< 1) }

    /// Checks as they are chosen.
    public init(comparesAtSave: Bool, snapshotSampleRate: Double) {
        self.comparesAtSave = comparesAtSave
        self.snapshotSampleRate = snapshotSampleRate
    }

    /// No check.
    public static let none = StateChecks(comparesAtSave: false, snapshotSampleRate: 0)

    /// Every save and every tenth load in a debug build, and nothing in others.
    public static var standard: StateChecks {
        #if DEBUG
        StateChecks(comparesAtSave: true, snapshotSampleRate: 0.1)
        #else
        none
        #endif
    }

    var takesSample: Bool { snapshotSampleRate > 0 && random() < snapshotSampleRate }
}
