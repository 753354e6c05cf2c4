// The order of what happens in one graph. Entities are values and do not know each other, so the order
// of events in two lists of one root can only come from something that they share. Copies of a graph
// share it too, which does no harm: only the order of two numbers ever counts.

internal import Synchronization

/// Counts the events that are staged in a graph.
final class StagingClock: Sendable {
    private let count = Atomic<UInt64>(0)

    func tick() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
