// The clock of the store that a salvage fills: it tells the time at which the commit that is being copied was made.

internal import Recall
internal import Synchronization

/// A clock that is set before each commit.
final class SalvageClock: Sendable {
    private let microseconds: Atomic<Int64>

    init(_ time: Int64) { microseconds = Atomic(time) }

    func set(_ time: Int64) { microseconds.store(time, ordering: .releasing) }

    var clock: WallClock {
        WallClock { [self] in
            Timestamp(microsecondsSince1970: microseconds.load(ordering: .acquiring))
        }
    }
}
