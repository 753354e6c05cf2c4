// The checker of the self-test: what a store must hold after everything that was acknowledged, and what it may hold
// beside it. The promises of docs/durability.md, read from the outside.

import Recall
import RecallLog

/// What was acknowledged in a story, over all lives of its store.
struct SelfTestExpectation: Sendable {
    let story: SelfTestStory
    /// The first position of each commit that was acknowledged.
    private(set) var acknowledged: [SelfTestStory.Place: UInt64] = [:]
    /// What was seen to be stored when the store was last checked: it must stay.
    private var seen: [EventID] = []

    init(_ story: SelfTestStory) { self.story = story }

    /// The commit was acknowledged, with its first event at a position.
    mutating func acknowledge(_ place: SelfTestStory.Place, at position: UInt64) {
        acknowledged[place] = position
    }

    /// Appends the commit at a place, and notes that it was acknowledged.
    mutating func append(_ place: SelfTestStory.Place, to log: Log) throws(StoreError) {
        let receipt = try log.appendBlocking(story.commit(at: place))
        acknowledge(place, at: receipt.firstPosition.rawValue)
    }

    /// Notes what a writer acknowledges from now on, to its end or as often as is said.
    mutating func listen(to writer: inout SelfTestWriter, countMax: Int = .max) throws {
        var count = 0
        while count < countMax, let said = try writer.next() {
            acknowledge(said.place, at: said.position)
            count += 1
        }
    }

    /// Checks everything that a store holds.
    /// - Parameter isFinal: whether nothing may be there beside what was acknowledged but one commit for each writer and
    ///   round: false while a writer goes on.
    /// - Returns: how many events it holds.
    /// - Throws: `SelfTestFailure` at the first thing that is not as promised; what reading throws.
    @discardableResult
    mutating func check(_ log: Log, isFinal: Bool = true) throws -> Int {
        var events: [EventID] = []
        var versions: [AggregateID: UInt64] = [:]
        var commitCounts: [WriterInRound: Int] = [:]
        var rest: ArraySlice<NewEvent> = []
        var next: EventQuery? = EventQuery()
        while let query = next {
            let page = try log.readBlocking(query)
            for event in page.events {
                let position = UInt64(events.count + 1)
                guard event.position.rawValue == position else {
                    throw SelfTestFailure("position \(event.position) stands where \(position) should")
                }
                let version = versions[event.aggregateID, default: 0] + 1
                guard event.version.rawValue == version else {
                    throw SelfTestFailure(
                        "position \(position) has version \(event.version) where \(version) is next")
                }
                versions[event.aggregateID] = version
                if rest.isEmpty { rest = try begin(event, at: position, &commitCounts) }
                guard let expected = rest.popFirst(), expected.isStored(as: event) else {
                    throw SelfTestFailure("position \(position) holds an event that nobody appended there")
                }
                if events.count < seen.count, seen[events.count] != event.id {
                    throw SelfTestFailure("position \(position) holds another event than it did before")
                }
                events.append(event.id)
            }
            next = page.next
        }
        guard rest.isEmpty else { throw SelfTestFailure("the last commit is there in part") }
        guard events.count >= seen.count else {
            throw SelfTestFailure("\(seen.count) events were there, and \(events.count) still are")
        }
        try checkAcknowledged(commitCounts, isFinal: isFinal)
        seen = events
        return events.count
    }

    private struct WriterInRound: Hashable {
        var round: Int
        var writer: Int
    }

    /// The events of the commit that must begin with an event.
    private func begin(
        _ event: RecordedEvent, at position: UInt64, _ counts: inout [WriterInRound: Int]
    ) throws(SelfTestFailure) -> ArraySlice<NewEvent> {
        guard let place = story.place(of: event.id) else {
            throw SelfTestFailure("position \(position) holds an event of a stranger")
        }
        let writer = WriterInRound(round: place.round, writer: place.writer)
        let number = counts[writer, default: 0]
        guard place.number == number else {
            throw SelfTestFailure(
                "position \(position) holds commit \(place.number) of a writer whose commit \(number) is next"
            )
        }
        counts[writer] = number + 1
        if let promised = acknowledged[place], promised != position {
            throw SelfTestFailure("position \(position) holds what was acknowledged at position \(promised)")
        }
        return story.commit(at: place).events[...]
    }

    private func checkAcknowledged(
        _ counts: [WriterInRound: Int], isFinal: Bool
    ) throws(SelfTestFailure) {
        var promised: [WriterInRound: Int] = [:]
        for place in acknowledged.keys {
            let writer = WriterInRound(round: place.round, writer: place.writer)
            promised[writer] = max(promised[writer, default: 0], place.number + 1)
        }
        for (writer, count) in promised where counts[writer, default: 0] < count {
            throw SelfTestFailure(
                "\(count) commits of a writer were acknowledged, and \(counts[writer, default: 0]) are there")
        }
        guard isFinal else { return }
        // A writer waits for each answer, so one commit at most was under way.
        for (writer, count) in counts where count > promised[writer, default: 0] + 1 {
            throw SelfTestFailure(
                "\(count) commits of a writer are there where \(promised[writer, default: 0]) were acknowledged"
            )
        }
    }
}

extension NewEvent {
    /// Whether a stored event is this one, in all that the story gave it.
    fileprivate func isStored(as event: RecordedEvent) -> Bool {
        id == event.id && aggregateID == event.aggregateID && aggregateType == event.aggregateType
            && type == event.type && payload == event.payload && tags == event.tags
            && metadata == event.metadata && contentType == event.contentType
    }
}
