// Which message a confirmation is for. RabbitMQ confirms in any order, and several at once; a confirmation that counts for another
// message would move a relay's cursor over an event that the broker does not have.

import Testing

@testable import RecallAMQP

@Suite struct AMQPConfirmationTests {
    private func places(_ tag: UInt64, isMultiple: Bool, among pending: Set<Int> = [0, 1, 2, 4]) -> Set<Int> {
        Set(AMQPConnection.places(tag, isMultiple: isMultiple, from: 101, among: pending))
    }

    @Test func aConfirmationIsForTheMessageOfItsTag() {
        #expect(places(103, isMultiple: false) == [2])
        #expect(places(101, isMultiple: false) == [0])
        #expect(places(105, isMultiple: false) == [4])
    }

    /// Whatever waits longer: the broker says nothing of it.
    @Test func aConfirmationOfAMessageThatDoesNotWaitIsForNone() {
        #expect(places(104, isMultiple: false) == [])
        #expect(places(200, isMultiple: false) == [])
    }

    @Test func aConfirmationOfSeveralIsForAllUpToItsTag() {
        #expect(places(103, isMultiple: true) == [0, 1, 2])
        #expect(places(104, isMultiple: true) == [0, 1, 2])
        #expect(places(101, isMultiple: true) == [0])
        #expect(places(200, isMultiple: true) == [0, 1, 2, 4])
    }

    /// One that comes late, of a batch before this one on the same channel.
    @Test(arguments: [false, true], [0, 1, 3, 100] as [UInt64])
    func aConfirmationOfAnEarlierBatchIsForNoneOfThisOne(isMultiple: Bool, tag: UInt64) {
        #expect(places(tag, isMultiple: isMultiple) == [])
    }
}
