// Receipts say the same however their streams are kept, and in whichever order.

import Recall
import RecallTestKit
import Testing

struct CommitReceiptTests {
    static let ids = (1 ... 5).map { AggregateID(number: $0) }

    private func receipt(_ streams: StreamVersions) -> CommitReceipt {
        CommitReceipt(firstPosition: 3, lastPosition: 9, streams: streams, wasStoredBefore: false)
    }

    private func receipt(_ versions: [AggregateID: Version]) -> CommitReceipt {
        CommitReceipt(firstPosition: 3, lastPosition: 9, versions: versions, wasStoredBefore: false)
    }

    private func streams(_ count: Int) -> [StreamVersions.Stream] {
        (0 ..< count).map { (Self.ids[$0], Version(UInt64($0) + 7)) }
    }

    @Test(arguments: 0 ... 5)
    func streamsAreTheSameInEveryOrderAndForm(count: Int) {
        let streams = streams(count)
        let dictionary = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, $0.version) })
        let all = [
            receipt(StreamVersions(streams)), receipt(StreamVersions(streams.reversed())),
            receipt(dictionary),
        ]
        #expect(Set(all).count == 1)
        for receipt in all {
            #expect(receipt == all[0])
            #expect(receipt.versions == dictionary)
            #expect(receipt.streams.count == count)
            for id in Self.ids { #expect(receipt.version(of: id) == dictionary[id]) }
        }
    }

    @Test(arguments: 1 ... 5)
    func anotherVersionOrStreamIsAnotherReceipt(count: Int) {
        var streams = streams(count)
        let one = receipt(StreamVersions(streams))
        streams[count - 1].version = 1
        #expect(receipt(StreamVersions(streams)) != one)
        streams[count - 1] = (AggregateID(number: 77), Version(UInt64(count) + 6))
        #expect(receipt(StreamVersions(streams)) != one)
        #expect(receipt(StreamVersions(streams.dropLast())) != one)
    }

    @Test func oneStreamAloneIsTheSameAsInAnArray() {
        let one = receipt(StreamVersions(Self.ids[0], 7))
        #expect(one == receipt(StreamVersions(streams(1))))
        #expect(one.hashValue == receipt(StreamVersions(streams(1))).hashValue)
    }

    @Test func versionsCanBeChanged() {
        var receipt = receipt([Self.ids[0]: 1])
        receipt.versions[Self.ids[1]] = 2
        #expect(receipt.versions == [Self.ids[0]: 1, Self.ids[1]: 2])
        receipt.versions = [:]
        #expect(receipt.version(of: Self.ids[0]) == nil)
    }

    @Test(
        arguments: [
            ([], [:]), ([1], [1: 1]), ([1, 1, 1], [1: 3]), ([1, 2], [1: 1, 2: 2]),
            ([1, 2, 1], [1: 3, 2: 2]), ([1, 1, 2], [1: 2, 2: 3]),
        ] as [([UInt64], [UInt64: UInt64])])
    func lastVersionOfEachStreamIsKept(streams: [UInt64], expected: [UInt64: UInt64]) {
        let events = streams.enumerated().map { (AggregateID(number: $1), Version(UInt64($0) + 1)) }
        let found = StreamVersions(of: events) { $0 }.dictionary
        #expect(
            found
                == Dictionary(
                    uniqueKeysWithValues: expected.map { (AggregateID(number: $0), Version($1)) }))
    }
}
