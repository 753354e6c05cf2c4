// A repository whose runs are all alike: what an application's own tests of several aggregates are built on.

public import Recall
internal import Synchronization

extension RepositoryConfiguration {
    /// A store in memory, times and event ids that are the same in each run, and every check of states.
    ///
    /// Each look at the clock is a second after the one before. Ids of events count from 1: `00000000-0000-8000-8000-000000000001` and on.
    /// - Parameters:
    ///   - start: what the clock says first; 2000-01-01T00:00:00Z if left out.
    ///   - coder: the codec, the upcasters and what is ignored.
    public static func fixed(
        startingAt start: Timestamp = Timestamp(microsecondsSince1970: 946_684_800_000_000),
        coder: EventCoder = EventCoder()
    ) -> RepositoryConfiguration {
        let count = Counter()
        let seconds = Counter()
        let clock = WallClock {
            Timestamp(microsecondsSince1970: start.microsecondsSince1970 + Int64(seconds.next()) * 1_000_000)
        }
        var configuration = RepositoryConfiguration(
            eventStore: MemoryEventStore(clock: clock), coder: coder, clock: clock,
            makeEventID: { .numbered(count.next() + 1) })
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return configuration
    }
}

extension Identifier {
    /// An identity that is the same in each run, and looks like its number: `00000000-0000-8000-8000-000000000001` for 1. It ends with the number's lower 48 bits.
    public static func numbered(_ number: UInt64) -> Self {
        Self(high: 0x8000, low: 0x8000_0000_0000_0000 | number & 0xFFFF_FFFF_FFFF)
    }
}

/// Counts from 0.
private final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    func next() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
