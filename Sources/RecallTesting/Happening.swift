// An event as a scenario names it: what happened, and to whom. What is compared is the event itself where its type can say what is equal, and else
// what would be stored of it.

public import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Something that happens to an aggregate or to one of its children.
public struct Happening<Root: AggregateRoot>: Sendable {
    /// The child that it happens to; nil for the aggregate itself.
    let childID: AggregateID?
    let aggregateType: AggregateType
    private let encode: @Sendable (EventCoder) throws(EventCodingError) -> EncodedEvent
    private let isEqual: @Sendable (RecordedEvent, EventCoder) -> Bool

    /// An event of the aggregate itself.
    public static func root(_ fact: Root.Fact) -> Happening {
        Happening(childID: nil, entity: Root.self, fact: fact)
    }

    /// An event of a child: `.child(Employee.self, fry, .promoted(title: "Captain"))`.
    public static func child<Child: Entity>(
        _ type: Child.Type, _ id: AggregateID, _ fact: Child.Fact
    ) -> Happening {
        Happening(childID: id, entity: type, fact: fact)
    }

    private init<Node: Entity>(childID: AggregateID?, entity: Node.Type, fact: Node.Fact) {
        self.childID = childID
        aggregateType = Node.aggregateType
        encode = { (coder) throws(EventCodingError) in try coder.encoded(fact, of: "\(Node.aggregateType)") }
        isEqual = { recorded, coder in
            guard let expected = fact as? any Equatable,
                let happened = try? coder.decode(recorded, as: Node.Fact.self)
            else { return false }
            return expected.isEqual(to: happened)
        }
    }

    /// The event on its way into a store.
    func event(
        of rootID: AggregateID, _ coder: EventCoder, id: EventID, time: Timestamp
    ) throws(EventCodingError) -> NewEvent {
        let encoded = try encode(coder)
        return NewEvent(
            id: id, aggregateID: childID ?? rootID, rootID: rootID, aggregateType: aggregateType,
            type: encoded.schema.type, schemaVersion: encoded.schema.version, time: time,
            contentType: encoded.contentType, tags: encoded.tags, payload: encoded.bytes)
    }

    /// Whether this is what happened.
    func matches(_ recorded: RecordedEvent, rootID: AggregateID, _ coder: EventCoder) -> Bool {
        guard recorded.aggregateID == childID ?? rootID, recorded.aggregateType == aggregateType else {
            return false
        }
        if isEqual(recorded, coder) { return true }
        guard let encoded = try? encode(coder) else { return false }
        return encoded.schema.type == recorded.type && encoded.schema.version == recorded.schemaVersion
            && encoded.bytes == recorded.payload
    }

    /// One line, in the form that `RecordedEvent.line(rootID:)` has.
    func line(rootID: AggregateID, _ coder: EventCoder) -> String {
        guard
            let event = try? event(
                of: rootID, coder, id: EventID(), time: Timestamp(microsecondsSince1970: 0))
        else { return "an event of \(aggregateType) that cannot be encoded" }
        return eventLine(event.type, event.payload, event.aggregateType, event.aggregateID, rootID: rootID)
    }
}

extension RecordedEvent {
    func line(rootID: AggregateID) -> String {
        eventLine(type, payload, aggregateType, aggregateID, rootID: rootID)
    }
}

private func eventLine(
    _ type: EventType, _ payload: Data, _ aggregateType: AggregateType, _ id: AggregateID, rootID: AggregateID
) -> String {
    let owner = id == rootID ? "" : " of \(aggregateType) \(id)"
    return "\(type) \(String(decoding: payload, as: UTF8.self))\(owner)"
}

extension Equatable {
    fileprivate func isEqual(to other: Any) -> Bool { (other as? Self) == self }
}
