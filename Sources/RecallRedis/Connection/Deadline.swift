// Until when something may take, as the calls of the system want to be told.

/// A moment after which waiting ends.
struct Deadline: Sendable, Comparable {
    private let instant: ContinuousClock.Instant

    private init(_ instant: ContinuousClock.Instant) { self.instant = instant }

    static func after(_ duration: Duration) -> Deadline { Deadline(.now + duration) }

    static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }

    var hasPassed: Bool { ContinuousClock.now >= instant }

    /// What is left; never negative.
    var left: Duration { max(.zero, instant - .now) }

    /// What is left in whole milliseconds, rounded up, for `poll`.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = left.components
        let rounded = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: seconds * 1000 + rounded)
    }
}
