// Where the clock of a store went back. No damage, but whoever asks for events by their time should know.

public import Recall

/// The commits of a store whose time is earlier than that of the commit in front of them.
public struct ClockSteps: Hashable, Sendable {
    /// How many there are.
    public private(set) var count = 0
    /// The position of the first event of the first one; nil where there is none.
    public private(set) var firstPosition: Position?
    /// By how many microseconds the clock went back at most.
    public private(set) var largestMicroseconds: Int64 = 0
    private var lastTime: Int64?

    /// A log says it when the clock goes back by as much: less is what a clock that is kept right does now and then.
    static let notableMicroseconds: Int64 = 1_000_000

    init() {}

    /// Looks at the next commit.
    mutating func add(time: Int64, position: UInt64) {
        defer { lastTime = time }
        guard let lastTime, time < lastTime else { return }
        count += 1
        if firstPosition == nil { firstPosition = Position(position) }
        let (step, overflows) = lastTime.subtractingReportingOverflow(time)
        largestMicroseconds = max(largestMicroseconds, overflows ? .max : step)
    }

    /// For a person; nil where the clock never went back.
    public var note: String? {
        guard let firstPosition else { return nil }
        let seconds = Double(largestMicroseconds) / 1_000_000
        return
            "the clock went back \(count == 1 ? "once" : "\(count) times"), first before position \(firstPosition), by up to \(seconds) s: events are in the order of their positions, and a time may be earlier than the one in front of it"
    }
}
