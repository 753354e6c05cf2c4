// Which of several conflicts an answer names. Stores differ in what they keep events in, and the order of a dictionary differs from
// process to process; the answer may depend on neither.

import Recall
import RecallTestKit
import Testing

struct CommitJudgeTests {
    private let ids = (1 ... 9).map { AggregateID(number: $0) }

    private func conflict(of commit: Commit) -> StoreError? {
        do throws(StoreError) {
            try CommitJudge.checkExpectations(
                of: commit, version: { _ throws(StoreError) in 7 },
                graphPosition: { _ throws(StoreError) in 7 })
            return nil
        } catch {
            return error
        }
    }

    @Test func ofSeveralVersionConflictsTheSmallestIDIsNamed() {
        var commit = Commit(events: [])
        for id in ids.shuffled() { commit.expectedVersions[id] = .exact(1) }
        // Those that are as expected do not count, however small their ids are.
        commit.expectedVersions[ids[0]] = .exact(7)
        #expect(conflict(of: commit)?.versionConflict?.aggregateID == ids[1])
    }

    @Test func ofSeveralGraphConflictsTheSmallestIDIsNamed() {
        var commit = Commit(events: [])
        for id in ids.shuffled() { commit.expectedGraphPositions[id] = 1 }
        commit.expectedGraphPositions[ids[0]] = 7
        #expect(conflict(of: commit)?.message.contains("\(ids[1])") == true)
    }
}
