// Event ids that are ordered by time: what their bits say, and that a test can say what they are.

import Foundation
import Recall
import RecallTestKit
import Testing

struct EventIDTests {
    /// Gives the same numbers over and over.
    struct Repeating: RandomNumberGenerator {
        var numbers: [UInt64]
        private var index = 0

        init(_ numbers: UInt64...) { self.numbers = numbers }

        mutating func next() -> UInt64 {
            defer { index = (index + 1) % numbers.count }
            return numbers[index]
        }
    }

    private func id(at microseconds: Int64, _ first: UInt64, _ second: UInt64) -> EventID {
        var generator = Repeating(first, second)
        return EventID(
            timeOrderedAt: Timestamp(microsecondsSince1970: microseconds), using: &generator)
    }

    /// The example of RFC 9562, appendix A.6.
    @Test func isTheUUIDOfTheStandardsExample() {
        #expect(
            id(at: 1_645_557_742_000_000, 0xCC3, 0x18C4_DC0C_0C07_398F).description
                == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test(arguments: [0, .max, 0x0123_4567_89AB_CDEF] as [UInt64])
    func randomBitsChangeNeitherVersionNorVariantNorTime(bits: UInt64) {
        let made = id(at: 1_795_428_930_123_456, bits, bits)
        let bytes = made.uuid.uuid
        #expect(bytes.6 >> 4 == 7)
        #expect(bytes.8 >> 6 == 0b10)
        #expect(made.timeOrderedAt?.iso8601 == "2026-11-23T10:15:30.123000Z")
    }

    @Test func allRandomBitsAreUsed() {
        let (none, all) = (id(at: 0, 0, 0).halves, id(at: 0, .max, .max).halves)
        #expect((none.high ^ all.high).nonzeroBitCount + (none.low ^ all.low).nonzeroBitCount == 74)
    }

    @Test func oneOfALaterMillisecondIsGreater() {
        for millisecond in [0, 1, 255, 65_535, 1_795_428_930_123] as [Int64] {
            #expect(id(at: millisecond * 1000 + 999, .max, .max) < id(at: (millisecond + 1) * 1000, 0, 0))
        }
    }

    @Test(arguments: [(-1, 0), (.min, 0), (999, 0), (.max, (1 << 48 - 1) * 1000)] as [(Int64, Int64)])
    func timesThatDoNotFitAreBroughtInside(microseconds: Int64, expected: Int64) {
        #expect(id(at: microseconds, 0, 0).timeOrderedAt?.microsecondsSince1970 == expected)
    }

    @Test(arguments: [
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
        "00000000-0000-0000-0000-000000000000",
    ])
    func otherUUIDsTellNoTime(text: String) throws {
        #expect(try #require(EventID(text)).timeOrderedAt == nil)
    }

    @Test func newOneTellsThePresentTime() throws {
        let before = WallClock.system.now().microsecondsSince1970 / 1000 * 1000
        let told = try #require(EventID().timeOrderedAt).microsecondsSince1970
        #expect((before ... WallClock.system.now().microsecondsSince1970).contains(told))
    }

    @Test func newOnesOfManyTasksAreDifferent() async {
        let ids = await withTaskGroup(of: [EventID].self) { group in
            for _ in 0 ..< 8 { group.addTask { (0 ..< 5_000).map { _ in EventID() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 40_000)
        // Each of the 74 bits is one in about half of them.
        for bit in 0 ..< 62 {
            #expect((19_000 ... 21_000).contains(ids.count { $0.halves.low >> bit & 1 == 1 }), "bit \(bit)")
        }
        for bit in 0 ..< 12 {
            #expect((19_000 ... 21_000).contains(ids.count { $0.halves.high >> bit & 1 == 1 }), "bit \(bit)")
        }
    }

    @Test func newOneOfAnyTypeOfIdentifierIsThatOfItsType() {
        func make<ID: Identifier>(_: ID.Type) -> ID { ID() }
        #expect(make(EventID.self).timeOrderedAt != nil)
        #expect(make(AggregateID.self).uuid.uuid.6 >> 4 == 4)
    }

    @Test func orderIsThatOfTheText() {
        let ids = (0 ..< 200).map { _ in AggregateID() }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}
