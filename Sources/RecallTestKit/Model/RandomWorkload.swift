// Commits that nobody thought of: right and wrong expectations, repetitions, ids used twice, graphs
// and streams in every mixture. A seed repeats the whole run.

public import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Makes random commits and queries for a store whose history it is told.
public struct RandomWorkload: Sendable {
    /// Repeats the run; to be printed when it fails.
    public let seed: UInt64
    private var generator: SeededGenerator
    private let payloadBytesMax: Int

    private static let rootCount = 4
    private static let childCount = 3
    private static let eventTypes: [EventType] = ["Founded", "Hired", "Promoted", "Paid", "Größe geändert"]
    private static let aggregateTypes: [AggregateType] = ["Company", "Account", ""]

    /// - Parameters:
    ///   - seed: the same seed gives the same commits for the same history.
    ///   - payloadBytesMax: the size of the largest payload in bytes; most are far smaller.
    public init(seed: UInt64, payloadBytesMax: Int = 2_000) {
        self.seed = seed
        self.payloadBytesMax = payloadBytesMax
        generator = SeededGenerator(seed: seed)
    }

    /// A random number from the workload's own generator, for decisions around it.
    public mutating func number(in range: Range<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    /// The next commit: most can be stored, the others repeat, conflict or make no sense.
    /// - Parameter model: the history up to now.
    public mutating func nextCommit(after model: ReferenceModel) -> Commit {
        switch number(in: 0 ..< 100) {
        case 0 ..< 10: repetition(in: model) ?? freshCommit(after: model)
        case 10 ..< 14: otherBody(in: model) ?? freshCommit(after: model)
        case 14 ..< 18: mixture(in: model) ?? freshCommit(after: model)
        case 18 ..< 21: withOneIDTwice(freshCommit(after: model))
        case 21: Commit(events: [])
        default: freshCommit(after: model)
        }
    }

    /// A random query over what the workload writes.
    /// - Parameter model: the history up to now.
    public mutating func nextQuery(over model: ReferenceModel) -> EventQuery {
        var query = EventQuery()
        switch number(in: 0 ..< 4) {
        case 0: query.scope = .aggregate(entity().id)
        case 1: query.scope = .graph(root(number(in: 0 ..< Self.rootCount)))
        default: break
        }
        query.direction = chance(50) ? .forwards : .backwards
        let last = Int(clamping: model.lastPosition.rawValue)
        if chance(40) {
            let ends = [number(in: 0 ..< (last + 2)), number(in: 0 ..< (last + 2))].sorted()
            query.positions = Position(UInt64(ends[0])) ... Position(UInt64(ends[1]))
        }
        if chance(20) {
            let ends = [number(in: 0 ..< 20), number(in: 0 ..< 20)].sorted()
            query.versions = Version(UInt64(ends[0])) ... Version(UInt64(ends[1]))
        }
        if chance(30) { query.eventTypes = [element(of: Self.eventTypes), element(of: Self.eventTypes)] }
        if query.eventTypes.count == 1 {
            // Without a further draw, so that seeds stay what they were.
            query.matching = EventCriteria(.init(types: query.eventTypes, tags: [""]), .tagged("tag:2"))
            query.eventTypes = []
        }
        if chance(20) { query.aggregateTypes = [element(of: Self.aggregateTypes)] }
        if chance(20), let event = model.events.randomElement(using: &generator) { query.since = event.time }
        if chance(20), let event = model.events.randomElement(using: &generator) { query.until = event.time }
        if chance(30) { query.limit = number(in: 0 ..< (last + 3)) }
        query.pageEventCountMax = element(of: [1, 2, 3, 10, 1024])
        return query
    }

    // MARK: Commits

    private mutating func freshCommit(after model: ReferenceModel) -> Commit {
        let entities = (0 ... number(in: 0 ..< 3)).map { _ in entity() }
        let count = chance(5) ? number(in: 50 ..< 200) : number(in: 1 ..< 7)
        let events = (0 ..< count).map { _ in event(to: element(of: entities)) }
        var commit = Commit(events: events)
        for (id, root) in entities {
            if chance(70) { commit.expectedVersions[id] = expectation(of: id, in: model) }
            if chance(25) { commit.expectedGraphPositions[root] = graphExpectation(of: root, in: model) }
        }
        return commit
    }

    private mutating func expectation(of id: AggregateID, in model: ReferenceModel) -> ExpectedVersion {
        let actual = model.version(of: id)
        if chance(12) {
            return element(of: [
                .noStream, .streamExists, .exact(actual.next), .exact(actual.previous), .exact(0),
                .exact(.last),
            ])
        }
        let right: [ExpectedVersion] = [.any, .exact(actual), actual == 0 ? .noStream : .streamExists]
        return element(of: right)
    }

    private mutating func graphExpectation(of root: AggregateID, in model: ReferenceModel) -> Position {
        let actual = model.status(of: root)?.graphPosition ?? 0
        return chance(12) ? element(of: [actual.next, actual.previous, 0]) : actual
    }

    /// Events that are stored one after the other, of one commit or over the seam of several.
    private mutating func repetition(in model: ReferenceModel) -> Commit? {
        if model.events.isEmpty { return nil }
        let start = number(in: 0 ..< model.events.count)
        let count = number(in: 1 ..< min(8, model.events.count - start + 1))
        var commit = Commit(events: model.events[start ..< (start + count)].map(\.appended))
        for event in commit.events where chance(50) {
            commit.expectedVersions[event.aggregateID] = element(of: [
                .any, .noStream, .exact(1), .streamExists,
            ])
        }
        return commit
    }

    private mutating func otherBody(in model: ReferenceModel) -> Commit? {
        guard var event = model.events.randomElement(using: &generator)?.appended else { return nil }
        switch number(in: 0 ..< 5) {
        case 0: event.payload.append(0x20)
        case 1: event.tags.append("other")
        case 2: event.metadata["other"] = "value"
        case 3: event.schemaVersion += 1
        default: event.type = "Other"
        }
        return Commit(events: [event])
    }

    /// A stored event with a new one, in either order.
    private mutating func mixture(in model: ReferenceModel) -> Commit? {
        guard let stored = model.events.randomElement(using: &generator)?.appended else { return nil }
        let fresh = event(to: entity())
        return Commit(events: chance(50) ? [stored, fresh] : [fresh, stored])
    }

    private mutating func withOneIDTwice(_ commit: Commit) -> Commit {
        var commit = commit
        commit.events.append(element(of: commit.events))
        return commit
    }

    // MARK: Parts

    private func root(_ number: Int) -> AggregateID { AggregateID(number: UInt64(number + 1) * 100) }

    private mutating func entity() -> (id: AggregateID, root: AggregateID) {
        let root = self.root(number(in: 0 ..< Self.rootCount))
        if chance(50) { return (root, root) }
        let base = UInt64(number(in: 0 ..< Self.rootCount) + 1) * 100
        let child = base + UInt64(number(in: 1 ..< (Self.childCount + 1)))
        return (AggregateID(number: child), AggregateID(number: base))
    }

    /// An entity keeps its type, as it has to within a commit.
    private static func aggregateType(of root: AggregateID) -> AggregateType {
        aggregateTypes[Int(root.uuid.uuid.15) % aggregateTypes.count]
    }

    private mutating func event(to entity: (id: AggregateID, root: AggregateID)) -> NewEvent {
        let size =
            chance(3)
            ? number(in: 0 ..< (payloadBytesMax + 1)) : number(in: 0 ..< min(120, payloadBytesMax + 1))
        // Half of the payloads compress and half do not, as text and media do.
        let payload =
            chance(50)
            ? Data(repeating: UInt8(truncatingIfNeeded: size), count: size)
            : Data((0 ..< size).map { _ in UInt8.random(in: 0 ... 255, using: &generator) })
        return NewEvent(
            id: EventID(using: &generator), aggregateID: entity.id, rootID: entity.root,
            aggregateType: Self.aggregateType(of: entity.root), type: element(of: Self.eventTypes),
            schemaVersion: UInt32(number(in: 1 ..< 4)),
            time: chance(70) ? Timestamp(microsecondsSince1970: Int64(number(in: 0 ..< 1_000))) : nil,
            contentType: chance(50) ? .json : .binary,
            metadata: chance(30) ? ["correlationId": "\(number(in: 0..<10))", "é": "\u{0}"] : [:],
            tags: chance(30) ? ["tag:\(number(in: 0..<5))", ""] : [], payload: payload)
    }

    private mutating func chance(_ percent: Int) -> Bool { number(in: 0 ..< 100) < percent }

    /// One of several; the list is never empty.
    private mutating func element<Element>(of list: [Element]) -> Element {
        list[number(in: 0 ..< list.count)]
    }
}

extension RecordedEvent {
    /// The event as it was before it was stored.
    package var appended: NewEvent {
        NewEvent(
            id: id, aggregateID: aggregateID, rootID: rootID, aggregateType: aggregateType, type: type,
            schemaVersion: schemaVersion, time: time, contentType: contentType, metadata: metadata,
            tags: tags, payload: payload)
    }
}
