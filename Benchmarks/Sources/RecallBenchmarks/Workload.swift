// The events that are measured: JSON of about 225 bytes, 10,000 aggregates at random, every run the same from
// one seed. Made before the clock runs, so that only the store is measured. The program `recall bench` has a
// generator of its own, because it may not import the test kit and its target cannot be imported from here.

import Foundation
import Recall
import RecallTestKit

/// Makes events without end.
struct Workload {
    static let aggregateCount = 10_000

    private var random: SeededGenerator
    private let aggregates: [AggregateID]
    private var number = 0
    private static let types: [EventType] = [
        "OrderPlaced", "OrderPaid", "OrderShipped", "OrderDelivered", "OrderReturned",
    ]
    private static let words = [
        "amber", "birch", "cobalt", "delta", "ember", "fjord", "granite", "harbour", "island", "juniper",
        "kelp", "lagoon", "meadow", "nickel", "orchard", "pebble",
    ]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        aggregates = (0 ..< Self.aggregateCount).map { _ in AggregateID(Self.uuid(&random)) }
        self.random = random
    }

    /// An aggregate at random.
    mutating func aggregate() -> AggregateID {
        aggregates[Int.random(in: 0 ..< aggregates.count, using: &random)]
    }

    /// Commits of `eventCount` events each, every event of an aggregate at random.
    mutating func commits(_ count: Int, eventCount: Int) -> [Commit] {
        (0 ..< count).map { _ in Commit(events: (0 ..< eventCount).map { _ in event() }) }
    }

    private mutating func event() -> NewEvent {
        NewEvent(
            id: EventID(Self.uuid(&random)), aggregateID: aggregate(), aggregateType: "Order",
            type: Self.types[Int.random(in: 0 ..< Self.types.count, using: &random)], payload: payload())
    }

    private mutating func payload() -> Data {
        number += 1
        let text = """
            {"orderNumber":\(number),"customer":{"id":\(random.next() % 1_000_000),"name":"\(word()) \(word())",\
            "city":"\(word())"},"item":"\(word())-\(word())","quantity":\(1 + random.next() % 20),\
            "amountInCents":\(random.next() % 100_000),"currency":"EUR","reference":"\
            \(String(random.next(), radix: 16))\(String(random.next(), radix: 16))",\
            "isGift":\(random.next() % 2 == 0)}
            """
        return Data(text.utf8)
    }

    private mutating func word() -> String {
        Self.words[Int.random(in: 0 ..< Self.words.count, using: &random)]
    }

    /// A UUID of version 4 from the generator.
    private static func uuid(_ random: inout SeededGenerator) -> UUID {
        var halves = (random.next(), random.next())
        return withUnsafeMutableBytes(of: &halves) { bytes in
            bytes[6] = bytes[6] & 0x0F | 0x40
            bytes[8] = bytes[8] & 0x3F | 0x80
            return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}
