// Gathers lines into one commit. A commit states one expectation for each stream, about the moment
// before the commit; the lines of a batch state theirs about the moment before each event. What a later
// line says is therefore brought back to the start of the commit, and refused where that cannot hold.

import Recall

/// A commit in the making.
struct CommitBuilder {
    private var events: [NewEvent] = []
    private var expectedVersions: [AggregateID: ExpectedVersion] = [:]
    private var eventCounts: [AggregateID: UInt64] = [:]
    private var lineNumbers: [EventID: Int] = [:]

    var eventCount: Int { events.count }
    var isEmpty: Bool { events.isEmpty }

    /// Adds the event of a line.
    /// - Parameter lineNumber: the line's number from 1, for messages about later lines.
    /// - Throws: when the line cannot hold together with the lines before it in the commit.
    mutating func add(_ line: EventLine, lineNumber: Int) throws(EventLineFailure) {
        let aggregate = line.event.aggregateID
        let count = eventCounts[aggregate, default: 0]
        if let earlier = lineNumbers[line.event.id] {
            throw EventLineFailure(
                problem:
                    "the event id \(line.event.id) stands already in line \(earlier) of the same commit, expected an id of its own"
            )
        }
        if count == 0 {
            if let expected = line.expectedVersion { expectedVersions[aggregate] = expected }
        } else if let expected = line.expectedVersion {
            try agree(expected, aggregate, after: count)
        }
        lineNumbers[line.event.id] = lineNumber
        eventCounts[aggregate] = count + 1
        events.append(line.event)
    }

    /// Checks what a later line of a stream expects, or learns from it what the commit must expect.
    private mutating func agree(
        _ expected: ExpectedVersion, _ aggregate: AggregateID, after count: UInt64
    ) throws(EventLineFailure) {
        switch expected {
        case .any, .streamExists: return
        case .noStream: throw disagreement(expected, "\(count) or more", aggregate, after: count)
        case .exact(let version):
            switch expectedVersions[aggregate] ?? .any {
            case .exact(let base):
                let actual = base.advanced(by: count)
                if version != actual { throw disagreement(expected, "\(actual)", aggregate, after: count) }
            case .noStream:
                if version.rawValue != count {
                    throw disagreement(expected, "\(count)", aggregate, after: count)
                }
            case .any, .streamExists:
                let isAtLeastOne = expectedVersions[aggregate] == .streamExists
                guard version.rawValue >= count + (isAtLeastOne ? 1 : 0) else {
                    throw disagreement(
                        expected, "\(count + (isAtLeastOne ? 1 : 0)) or more", aggregate, after: count)
                }
                expectedVersions[aggregate] = .exact(Version(version.rawValue - count))
            }
        }
    }

    private func disagreement(
        _ expected: ExpectedVersion, _ actual: String, _ aggregate: AggregateID, after count: UInt64
    ) -> EventLineFailure {
        let events = count == 1 ? "1 event" : "\(count) events"
        return EventLineFailure(
            problem:
                "\"expectedVersion\" is \(expected), but \(events) of aggregate \(aggregate) before it in the same commit bring it to version \(actual), expected that version"
        )
    }

    /// Gives out the commit and starts the next one.
    mutating func take() -> Commit {
        defer { self = CommitBuilder() }
        return Commit(events: events, expectedVersions: expectedVersions)
    }
}
