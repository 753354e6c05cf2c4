// The events that are measured: JSON of about 225 bytes, 10,000 aggregates at random, every run the same
// from one seed. Events are made before the clock runs, so that only the store is measured.

import Recall

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes events without end.
struct BenchWorkload {
    static let aggregateCount = 10_000

    private var random: SplitMix64
    private let aggregates: [AggregateID]
    private var orderNumber: UInt64 = 0
    private static let types: [EventType] = [
        "OrderPlaced", "OrderPaid", "OrderShipped", "OrderDelivered", "OrderReturned",
    ]
    private static let names = [
        "Philip Fry", "Turanga Leela", "Bender Rodriguez", "Amy Wong", "Hermes Conrad",
        "Hubert Farnsworth", "John Zoidberg", "Kif Kroker",
    ]
    private static let cities = [
        "New New York", "Mars Vegas", "Amphibios 9", "Omicron Persei 8", "Luna Park",
    ]
    private static let items = [
        "popplers", "slurm", "dark matter", "owl traps", "eyePhone", "what-if machine",
    ]

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        aggregates = (0 ..< Self.aggregateCount).map { _ in AggregateID(Self.uuid(&random)) }
        self.random = random
    }

    /// An aggregate at random.
    mutating func aggregate() -> AggregateID {
        aggregates[Int(random.next() % UInt64(aggregates.count))]
    }

    /// A commit of `eventCount` events, each of an aggregate at random.
    mutating func commit(eventCount: Int) -> Commit {
        Commit(events: (0 ..< eventCount).map { _ in event() })
    }

    private mutating func event() -> NewEvent {
        NewEvent(
            id: EventID(Self.uuid(&random)), aggregateID: aggregate(), aggregateType: "Order",
            type: pick(Self.types), payload: payload())
    }

    private mutating func payload() -> Data {
        orderNumber += 1
        let cents = random.next() % 100_000
        let text = """
            {"orderNumber":\(orderNumber),"customer":{"id":\(random.next() % 1_000_000),"name":"\(pick(Self.names))",\
            "city":"\(pick(Self.cities))"},"item":"\(pick(Self.items))","quantity":\(1 + random.next() % 20),\
            "amount":\(cents / 100).\(cents % 100 / 10)\(cents % 10),"currency":"EUR",\
            "reference":"\(String(random.next(), radix: 16))\(String(random.next(), radix: 16))",\
            "isGift":\(random.next() % 2 == 0)}
            """
        return Data(text.utf8)
    }

    private mutating func pick<Element>(_ values: [Element]) -> Element {
        values[Int(random.next() % UInt64(values.count))]
    }

    /// A UUID of version 4 from the generator.
    private static func uuid(_ random: inout SplitMix64) -> UUID {
        var bytes = (random.next(), random.next())
        return withUnsafeMutableBytes(of: &bytes) { raw in
            raw[6] = raw[6] & 0x0F | 0x40
            raw[8] = raw[8] & 0x3F | 0x80
            return UUID(uuid: raw.loadUnaligned(as: uuid_t.self))
        }
    }
}
