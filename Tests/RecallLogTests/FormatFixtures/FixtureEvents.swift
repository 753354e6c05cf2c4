// What the stores of fixtures are made of: everything that an event can carry, told by a number.

import Foundation
import Recall
import RecallTestKit

/// Commits and snapshots by number. What they are is kept in the manifests: a change here is one for future fixtures.
enum FixtureEvents {
    static let rootCount = 4

    static func root(_ number: Int) -> AggregateID { AggregateID(high: 0xA, low: UInt64(number)) }
    static func child(_ number: Int) -> AggregateID { AggregateID(high: 0xB, low: UInt64(number)) }

    /// How large a commit is.
    enum Size {
        /// So small that a dictionary made of a few has room for the ids of streams.
        case brief
        case usual
        /// So many bytes before compression.
        case large(Int)
    }

    /// Of segments behind the first, in bytes, in a store of several.
    static let segmentBytes = 92 << 10

    /// Of a commit of a store with several segments: a large one begins a segment. Those in the first segment are few
    /// and small, and the next leaves room for a dictionary, so that the second segment has numbers for streams.
    static func size(of number: Int) -> Size {
        if number < 6 { return .brief }
        return number % 8 == 6 ? .large(number == 6 ? 70_000 : 79_000) : .usual
    }

    static func commit(_ number: Int, _ size: Size = .usual) -> Commit {
        var events = [event(number)]
        switch size {
        case .brief:
            events[0].aggregateID = root(1)
            events[0].rootID = root(1)
            events[0].payload = Data("{}".utf8)
            return Commit(events: events)
        case .usual: break
        case .large(let count):
            events[0].payload = Data(
                "{\"number\":\(number),\"filling\":\"\(String(repeating: "z", count: count))\"}".utf8)
        }
        // A child alone, with its root, and two events of one stream.
        if number % 8 == 7 { return Commit(events: [child(of: number)]) }
        if number % 4 == 3 { events.append(child(of: number)) }
        if number % 10 == 4 {
            var second = event(number)
            second.id = EventID(high: 0xD, low: UInt64(number))
            events.append(second)
        }
        return Commit(events: events)
    }

    private static func event(_ number: Int) -> NewEvent {
        var event = NewEvent(
            id: EventID(high: 0xE, low: UInt64(number)), aggregateID: root(number % rootCount),
            aggregateType: "Company", type: "PackageDelivered",
            payload: Data(
                "{\"number\":\(number),\"text\":\"Package \(number * 7919) is delivered to the moon.\"}".utf8)
        )
        switch number % 5 {
        case 1:
            // The time of this id is near that of the commits, so that it is stored by what differs.
            let moment = UInt64(1_700_000_000_000 + number * 1000)
            event.id = EventID(high: moment << 16 | 0x7ABC, low: 2 << 62 | UInt64(number) * 0x1234_5678_9ABC)
        case 2:
            event.type = "PhotoTaken"
            event.contentType = .binary
            var random = SeededGenerator(seed: UInt64(number))
            event.payload = Data((0 ..< 120).map { _ in UInt8.random(in: 0 ... 255, using: &random) })
        case 3:
            event.type = "Größe 😀"
            event.aggregateType = ""
            event.payload = Data()
        default: break
        }
        return event
    }

    private static func child(of number: Int) -> NewEvent {
        NewEvent(
            id: EventID(high: 0xC, low: UInt64(number)), aggregateID: child(number % 3),
            rootID: root(number % rootCount), aggregateType: "Employee", type: "Hired", schemaVersion: 3,
            time: Timestamp(microsecondsSince1970: Int64(number) - 20),
            metadata: ["correlationId": "c-\(number)", "火星": "é"], tags: ["z", "number:\(number)"],
            payload: Data("{\"name\":\"Philip Fry\",\"number\":\(number)}".utf8))
    }

    static func snapshot(_ number: Int, of root: Int, at position: Position) -> Snapshot {
        let text = "state \(number) " + String(repeating: "of the company ", count: number)
        return Snapshot(
            aggregateID: self.root(root), aggregateType: "Company", version: Version(UInt64(number)),
            position: position, schemaFingerprint: 0x0102_0304_0506_0708,
            time: Timestamp(microsecondsSince1970: 1_700_000_000_000_000 + Int64(number)),
            payload: Data(text.utf8))
    }
}
