// The limit of the queue: nothing grows without bound when callers outrun the disk, and nobody is kept out for ever.

import Recall
@testable import RecallLog
import Testing

@Suite struct CommitQueueStateTests {
    @Test func commitBehindTheLimitIsNotLetIn() throws {
        var state = CommitQueueState()
        let answers = try [600, 400, 1].map { try state.admit($0, queueBytesMax: 1000) != nil }
        #expect(answers == [true, true, false])
    }

    @Test func commitLargerThanTheLimitComesInAlone() throws {
        var state = CommitQueueState()
        let largeMade = try state.admit(5000, queueBytesMax: 1000)
        let large = try #require(largeMade)
        let beside = try state.admit(1, queueBytesMax: 1000)
        #expect(beside == nil)
        let waiter = state.recycle(large)
        #expect(waiter == nil)
        let behind = try state.admit(1, queueBytesMax: 1000)
        #expect(behind != nil)
    }

    @Test func roomThatIsGivenBackIsUsedAgain() throws {
        var state = CommitQueueState()
        for _ in 0 ..< 100 {
            let pendingMade = try state.admit(1000, queueBytesMax: 1000)
            let pending = try #require(pendingMade)
            let beside = try state.admit(1, queueBytesMax: 1000)
            #expect(beside == nil)
            _ = state.recycle(pending)
        }
    }

    @Test func stoppedQueueLetsNobodyIn() {
        var state = CommitQueueState()
        state.isStopped = true
        #expect(throws: Recall.StoreError.self) { try state.admit(1, queueBytesMax: 1000) }
    }

    @Test func roleIsTakenOnceWithAllThatWaits() throws {
        var state = CommitQueueState()
        let firstMade = try state.admit(1, queueBytesMax: 1000)
        let first = try #require(firstMade)
        let secondMade = try state.admit(1, queueBytesMax: 1000)
        let second = try #require(secondMade)
        state.waiting.append(first)
        state.waiting.append(second)
        let taken = state.takeRole()
        let group = try #require(taken)
        #expect(Self.count(group) == 2)
        let third = try state.admit(1, queueBytesMax: 1000)
        state.waiting.append(try #require(third))
        let beside = state.takeRole()
        #expect(beside == nil)
        let resumed = state.finish(group)
        #expect(resumed.isEmpty)
        #expect(first.waiting.isFinished && second.waiting.isFinished)
        let behind = state.takeRole()
        #expect(behind.map { Self.count($0) } == 1)
    }

    private static func count(_ group: CommitQueueState.Group) -> Int {
        var count = 0
        group.commits.forEach { _ in count += 1 }
        return count
    }
}
