// What the rot stores hold: commits of one and several events and streams, with everything that an event can carry.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog

/// Events by number.
enum RotEvents {
    static let aggregateCount = 4

    static func aggregate(_ number: Int) -> AggregateID {
        AggregateID(RawIdentifier(high: 0xA, low: UInt64(number)).uuid)
    }

    /// The commit with a number; each fourteenth is large before compression.
    static func commit(_ number: Int) -> [NewEvent] {
        var events = [event(number, 0)]
        if number % 5 == 3 {
            var child = event(number, 1)
            child.aggregateID = aggregate(10 + number % 2)
            child.rootID = aggregate(number % aggregateCount)
            child.metadata = ["correlation": "c-\(number)"]
            child.tags = ["number:\(number)"]
            child.schemaVersion = 2
            child.time = Timestamp(microsecondsSince1970: Int64(number))
            events.append(child)
        }
        if number % 14 == 0 {
            events[0].payload = Data(
                "{\"number\":\(number),\"filling\":\"\(String(repeating: "z", count: 54_400))\"}".utf8)
        }
        return events
    }

    private static func event(_ number: Int, _ index: Int) -> NewEvent {
        NewEvent(
            id: EventID(RawIdentifier(high: 0xE, low: UInt64(number * 10 + index)).uuid),
            aggregateID: aggregate(number % aggregateCount), aggregateType: "Tale", type: "Told",
            payload: Data(
                "{\"number\":\(number),\"index\":\(index),\"text\":\"Package \(number * 7919) is delivered to the moon.\"}"
                    .utf8)
        )
    }

    static func snapshot(_ number: Int) -> Snapshot {
        Snapshot(
            aggregateID: aggregate(number % aggregateCount), aggregateType: "Tale",
            version: Version(UInt64(number)), position: Position(UInt64(number)), schemaFingerprint: 7,
            time: Timestamp(microsecondsSince1970: Int64(number)),
            payload: Data("state \(number)".utf8))
    }
}
