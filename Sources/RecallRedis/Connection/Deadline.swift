// Until when something may take, as the calls of the system want to be told.

/// A moment after which waiting ends. It may move while what is waited for comes in pieces: then it says how long the next may take.
struct Deadline: Sendable, Comparable {
    private(set) var instant: ContinuousClock.Instant
    /// How long each piece may take; nil where the moment stands.
    private let renewal: Duration?

    /// - Parameter renewal: how long the next piece may take when one has come; nil where all of them have the same moment.
    static func after(_ duration: Duration, renewedBy renewal: Duration? = nil) -> Deadline {
        Deadline(instant: .now + duration, renewal: renewal)
    }

    /// For what has no end of its own.
    static var never: Deadline { after(.seconds(10 * 365 * 86_400)) }

    /// Something has come or gone: a line may be slow, but not silent.
    mutating func noteProgress() {
        if let renewal { instant = max(instant, .now + renewal) }
    }

    /// The same, and not later than another one until something comes.
    func capped(at other: Deadline) -> Deadline {
        Deadline(instant: min(instant, other.instant), renewal: renewal)
    }

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
