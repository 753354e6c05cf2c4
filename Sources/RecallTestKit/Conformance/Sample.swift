// The names and the history that the cases share: small enough to be read in a failure's message,
// large enough to have several graphs, types, times and commits of several streams.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

enum Sample {
    static let company = AggregateID(number: 1)
    static let account = AggregateID(number: 2)
    static let depot = AggregateID(number: 3)
    static let leela = AggregateID(number: 11)
    static let fry = AggregateID(number: 12)
    static let deposit = AggregateID(number: 21)
    static let absent = AggregateID(number: 99)

    /// Every entity of the history with its root.
    static let roots: [(entity: AggregateID, root: AggregateID, type: AggregateType)] = [
        (company, company, "Company"), (leela, company, "Employee"), (fry, company, "Employee"),
        (account, account, "Account"), (deposit, account, "Deposit"), (depot, depot, "Depot"),
    ]

    /// A new event. Without an id it gets a random one.
    static func event(
        _ type: EventType = "Happened", to aggregate: AggregateID = company, root: AggregateID? = nil,
        id: EventID = EventID(), time: Timestamp? = nil, payload: String = "{}"
    ) -> NewEvent {
        NewEvent(
            id: id, aggregateID: aggregate, rootID: root, aggregateType: "Thing", type: type, time: time,
            payload: Data(payload.utf8))
    }

    /// Several events of one stream.
    static func events(_ count: Int, to aggregate: AggregateID = company) -> [NewEvent] {
        (0 ..< count).map { event(to: aggregate, payload: "\($0)") }
    }

    /// Commits of one to five events over several streams, always the same.
    static let history: [Commit] = {
        var generator = SeededGenerator(seed: 7)
        let types: [EventType] = ["Founded", "Hired", "Promoted", "Paid"]
        return (0 ..< 24).map { commitIndex in
            let events = (0 ..< Int.random(in: 1 ... 5, using: &generator)).map { index in
                let (entity, root, aggregateType) = roots.randomElement(using: &generator) ?? roots[0]
                return NewEvent(
                    id: EventID(using: &generator), aggregateID: entity, rootID: root,
                    aggregateType: aggregateType, type: types.randomElement(using: &generator) ?? types[0],
                    // Out of order and with equal moments, as the times of facts are.
                    time: Timestamp(microsecondsSince1970: Int64.random(in: 0 ... 20, using: &generator)),
                    metadata: ["commit": "\(commitIndex)"], tags: ["index:\(index)"],
                    payload: Data("{\"n\":\(commitIndex)}".utf8))
            }
            return Commit(events: events)
        }
    }()

    /// Appends the history to a store.
    /// - Returns: the model that holds the same.
    static func fill(_ store: any EventStore) async throws -> ReferenceModel {
        var model = ReferenceModel()
        for commit in history { try await model.append(commit, comparing: store) }
        return model
    }
}
