// The events that are measured: JSON of 225 bytes on average, 10,000 aggregates at random, every run the same from
// one seed. Made before the clock runs, so that only the store is measured. What is random in a payload and what
// repeats is weighed so that liblz4 leaves of it what docs of the engine say of their workload: `Density` measures
// that. The program `recall bench` has a generator of its own, because its target cannot be imported from here.

import Foundation
import Recall
import RecallTestKit

/// Makes events without end.
package struct Workload {
    package static let types: [EventType] = [
        "OrderPlaced", "OrderPaid", "OrderShipped", "OrderDelivered", "OrderReturned",
    ]
    private static let words = [
        "amber", "birch", "cobalt", "delta", "ember", "fjord", "granite", "harbour", "island", "juniper",
        "kelp", "lagoon", "meadow", "nickel", "orchard", "pebble",
    ]
    /// Where the simulated clock of the event ids begins, in milliseconds since 1970: the first moment of 2026.
    private static let firstMilliseconds: UInt64 = 1_767_225_600_000
    /// How many events happen in a millisecond of that clock.
    private static let eventsPerMillisecond: UInt64 = 8

    package let aggregateCount: Int
    private let seed: UInt64
    private var random: SeededGenerator
    private var versions: [UInt32]
    private var number: UInt64 = 0

    package init(seed: UInt64, aggregateCount: Int = 10_000) {
        self.seed = seed
        self.aggregateCount = aggregateCount
        random = SeededGenerator(seed: seed)
        versions = [UInt32](repeating: 0, count: aggregateCount)
    }

    /// The id of an aggregate: random, version 4, and computed, so that a million of them need no memory.
    package func aggregate(_ number: Int) -> UUID {
        var own = SeededGenerator(seed: seed &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
        return Self.uuid(own.next(), own.next(), version: 4)
    }

    /// An aggregate at random.
    package mutating func aggregate() -> UUID { aggregate(Int(random.next() % UInt64(aggregateCount))) }

    /// Begins with the first version of each aggregate again, for stores that get all events from here on.
    package mutating func beginStore() { versions = [UInt32](repeating: 0, count: aggregateCount) }

    /// Commits of `eventCount` events each, every event of an aggregate at random.
    package mutating func commits(_ count: Int, eventCount: Int) -> [[BenchmarkEvent]] {
        (0 ..< count).map { _ in (0 ..< eventCount).map { _ in event() } }
    }

    private mutating func event() -> BenchmarkEvent {
        let aggregateNumber = Int(random.next() % UInt64(aggregateCount))
        versions[aggregateNumber] += 1
        let event = BenchmarkEvent(
            id: eventID(), aggregate: aggregate(aggregateNumber), version: versions[aggregateNumber],
            typeNumber: UInt8(random.next() % UInt64(Self.types.count)), payload: payload())
        number += 1
        return event
    }

    /// A UUID of version 7: the milliseconds of the simulated clock, then random bits.
    private mutating func eventID() -> UUID {
        let milliseconds = Self.firstMilliseconds + number / Self.eventsPerMillisecond
        return Self.uuid(milliseconds << 16 | random.next() & 0xFFFF, random.next(), version: 7)
    }

    private mutating func payload() -> Data {
        let reference = String(random.next(), radix: 16) + String(random.next() & 0xFF, radix: 16)
        let text = """
            {"orderNumber":\(300_000 + number),"customer":{"id":\(random.next() % 1_000_000),\
            "name":"\(word()) \(word())","city":"\(word())"},"item":"\(word())-\(word())",\
            "quantity":\(1 + random.next() % 20),"amountInCents":\(random.next() % 100_000),"currency":"EUR",\
            "taxPercent":19,"reference":"\(reference)","isGift":\(random.next() % 2 == 0)}
            """
        return Data(text.utf8)
    }

    private mutating func word() -> String { Self.words[Int(random.next() % UInt64(Self.words.count))] }

    private static func uuid(_ first: UInt64, _ second: UInt64, version: UInt8) -> UUID {
        var halves = (first.bigEndian, second.bigEndian)
        return withUnsafeMutableBytes(of: &halves) { bytes in
            bytes[6] = bytes[6] & 0x0F | version << 4
            bytes[8] = bytes[8] & 0x3F | 0x80
            return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}
