// Where events get their time from. Injected everywhere, so that a test can say what time it is.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Tells the time that events are stamped with.
public struct WallClock: Sendable {
    /// The present moment in UTC, in microseconds.
    public var now: @Sendable () -> Timestamp

    /// A clock that calls `now` for each moment.
    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// The clock of the operating system.
    public static let system = WallClock {
        // Counted from 2001 a Double of seconds still resolves an eighth of a microsecond.
        let microsecondsSince2001 = Date().timeIntervalSinceReferenceDate * 1_000_000
        return Timestamp(
            microsecondsSince1970: Int64(microsecondsSince2001.rounded(.down)) + 978_307_200_000_000)
    }

    /// A clock that stands still.
    public static func fixed(at moment: Timestamp) -> WallClock { WallClock { moment } }
}
