// Gathers the events of a page as values and knows where the next one begins.

internal import Recall

/// A page that is being read.
struct PageBuilder: EventConsumer, ~Copyable {
    private let query: EventQuery
    private let path: String
    private let countMax: Int
    private let bytesMax: Int
    private var bytesCount = 0
    private var events: [RecordedEvent] = []
    private var examinedCount = 0
    private var next: EventQuery?
    private var names = NameMemory()
    /// The commit whose events come, for errors.
    private var offset = 0
    private var positions: ClosedRange<UInt64> = 0 ... 0

    init(_ query: EventQuery, path: String) {
        self.query = query
        self.path = path
        countMax = min(query.pageEventCountMax, query.limit ?? .max)
        bytesMax = query.pageBytesMax
        // Most pages are full or short.
        events.reserveCapacity(min(countMax, 128))
    }

    private var isFull: Bool { events.count >= countMax || bytesCount >= bytesMax }

    mutating func begin(_ commit: borrowing CommitHeader) -> WalkStep {
        // The commit that overflows a page is where the next one begins.
        if isFull || examinedCount >= LogReader.pageExaminedCountMax {
            next = rest(
                from: query.direction == .forwards ? commit.firstPosition : commit.lastPosition)
            return .stop
        }
        examinedCount += commit.eventCount
        offset = commit.frame.offset
        positions = commit.firstPosition ... commit.lastPosition
        return .goOn
    }

    mutating func take(_ event: EventFields, _ bytes: RawSpan) throws(StoreError) -> WalkStep {
        if isFull {
            next = rest(from: event.position.rawValue)
            return .stop
        }
        do throws(FormatError) {
            events.append(try event.recordedEvent(bytes, &names))
            bytesCount += event.payload.count + event.metadata.count + event.tags.count
        } catch {
            throw LogReader.bodyDamage(at: offset, positions, error, path: path)
        }
        return .goOn
    }

    /// What is left of the query from a position on.
    private func rest(from position: UInt64) -> EventQuery? {
        if let limit = query.limit, events.count >= limit { return nil }
        let position = Position(position)
        var rest = query
        rest.limit = query.limit.map { $0 - events.count }
        switch query.direction {
        case .forwards:
            let lower = max(position, query.positions.lowerBound)
            guard lower <= query.positions.upperBound else { return nil }
            rest.positions = lower ... query.positions.upperBound
        case .backwards:
            let upper = min(position, query.positions.upperBound)
            guard upper >= query.positions.lowerBound else { return nil }
            rest.positions = query.positions.lowerBound ... upper
        }
        return rest
    }

    consuming func finish() -> EventPage { EventPage(events: events, next: next) }
}
