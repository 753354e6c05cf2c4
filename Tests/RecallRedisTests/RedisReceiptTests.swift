// What the append script answers becomes a receipt or an error, and nothing else: numbers of a server are not trusted.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite struct RedisReceiptTests {
    private static let ids = (1 ... 3).map { AggregateID(number: $0) }

    /// A commit of two events, of one stream each, with an expectation of each of three streams and graphs.
    private func request() -> AppendRequest {
        var commit = Commit(
            events: Self.ids.prefix(2).map { NewEvent(aggregateID: $0, type: "T", payload: Data()) })
        for (number, id) in Self.ids.enumerated() {
            commit.expectedVersions[id] = .exact(Version(UInt64(number)))
            commit.expectedGraphPositions[id] = Position(UInt64(number))
        }
        return AppendRequest(
            commit, keys: StoreKeys(name: "n"), now: Timestamp(microsecondsSince1970: 1), mustWrite: false)
    }

    private func receipt(_ words: String...) throws(StoreError) -> CommitReceipt {
        try request().receipt(from: .array(words.map { .string(Array($0.utf8)) }), of: "server")
    }

    @Test func answerOfANewCommitIsItsReceipt() throws {
        let receipt = try receipt("new", "5", "6", "3", "4")
        #expect(receipt.firstPosition == 5 && receipt.lastPosition == 6 && !receipt.wasStoredBefore)
        #expect(receipt.versions == [Self.ids[0]: 3, Self.ids[1]: 4])
        #expect(try self.receipt("stored", "5", "6", "3", "4").wasStoredBefore)
    }

    @Test(
        arguments: [
            ["new", "5", "7", "3", "4"], ["new", "5", "5", "3", "4"], ["new", "6", "5", "3", "4"],
            ["new", "0", "1", "3", "4"], ["new", "5", "6", "3"], ["new", "5", "6", "3", "4", "5"],
            ["new", "5", "x", "3", "4"], ["new"], [], ["other", "1"], ["version", "0", "1"],
            ["version", "4", "1"],
            ["version", "-1", "1"], ["graph", "4", "1"], ["reused", "3", "1"], ["reused", "0", "1"],
        ])
    func anythingElseIsNoAnswer(words: [String]) {
        let error = #expect(throws: StoreError.self) {
            try request().receipt(from: .array(words.map { .string(Array($0.utf8)) }), of: "server")
        }
        #expect(error?.code == .unavailable)
    }

    /// The script counts from 1 what it was asked.
    @Test func conflictsNameWhatWasAsked() {
        for (number, id) in Self.ids.enumerated() {
            let version = #expect(throws: StoreError.self) { try receipt("version", "\(number + 1)", "9") }
            #expect(version?.versionConflict?.aggregateID == id)
            #expect(version?.versionConflict?.expected == .exact(Version(UInt64(number))))
            let graph = #expect(throws: StoreError.self) { try receipt("graph", "\(number + 1)", "9") }
            #expect(graph?.code == .conflict && graph?.message.contains("\(id)") == true)
        }
        let reused = #expect(throws: StoreError.self) { try receipt("reused", "2", "9") }
        #expect(reused?.code == .eventIDReused)
    }
}
