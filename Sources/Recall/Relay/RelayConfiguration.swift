// What a relay does with batches, failures and time. Everything that waits or is random is given, so that a test needs
// neither.

public import Logging

/// The choices of a relay.
public struct RelayConfiguration: Sendable {
    /// What becomes of the later events of a graph one of whose events is parked.
    public enum Parking: Hashable, Sendable {
        /// They wait behind it, so that no event of an aggregate arrives before its predecessor.
        case holdingGraph
        /// They go on: for receivers that take each event by itself.
        case singleEvent
    }

    /// How many events the router gets in one call at most.
    public var batchEventCountMax = 256
    /// How many bytes of payloads, tags and metadata the router gets in one call at most; a single event may have more. No more than
    /// these and one event are read ahead.
    public var batchBytesMax = 4 << 20
    /// How many times an event is refused, delivered alone, before it is parked.
    public var attemptCountMax = 5
    /// How long to wait after a failure.
    public var backOff = BackOff()
    /// What becomes of the later events of a graph.
    public var parking = Parking.holdingGraph
    /// How many events may be parked; those that wait behind one are not counted. When one more would be, the relay stops
    /// with `limitExceeded`. `FileRelayStateStore` has room for 256.
    public var parkedCountMax = 256

    /// Stamps parked events.
    public var clock = WallClock.system
    /// Waits for a time, and throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Draws a number from 0 to 1 for the back-off.
    public var random: @Sendable () -> Double = { Double.random(in: 0 ... 1) }
    /// Hears of failures, parked events and recovery.
    public var logger = Logger(label: "recall.relay")

    /// Batches of 256 events, five attempts, order kept for each aggregate.
    public init() {}

    /// - Throws: `invalidArgument` for numbers that leave nothing to do.
    func check() throws(StoreError) {
        guard batchEventCountMax >= 1, attemptCountMax >= 1, parkedCountMax >= 0 else {
            throw StoreError(
                .invalidArgument,
                "A relay needs batches of at least one event and at least one attempt, and parks no negative number: correct batchEventCountMax (\(batchEventCountMax)), attemptCountMax (\(attemptCountMax)) or parkedCountMax (\(parkedCountMax))."
            )
        }
    }
}
