// A loss of power in the middle of the server's write to its file: the end of the file is missing from some byte on. A
// commit that was being written is there whole or not at all, because the server writes a script's effects as one.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisTornFileTests {
    @Test func aTornCommitIsGoneWholeAndTheStoreGoesOn() async throws {
        let server = try await RedisServer.started()
        let configuration = server.configuration("torn")
        let stream = AggregateID()
        func commit() -> Commit {
            Commit(
                events: (0 ..< 3).map { index in
                    NewEvent(
                        aggregateID: index == 2 ? AggregateID() : stream, rootID: stream, type: "Happened",
                        payload: Data("\(index)".utf8))
                })
        }
        let first = try await RedisEventStore.open(configuration)
        _ = try await first.append(commit())
        let path = try incrementPath(of: server)
        let whole = try size(of: path)
        let last = commit()
        _ = try await first.append(last)
        let end = try size(of: path)
        first.close()
        try await server.process.kill()
        let bytes = try Data(contentsOf: URL(filePath: path))

        for cut in TestEffort.steps(stride(from: whole + 1, through: end, by: 23)) + [end - 1, end] {
            try bytes.prefix(cut).write(to: URL(filePath: path))
            try await server.process.start()
            let store = try await RedisEventStore.open(configuration)
            let position: Position = cut == end ? 6 : 3
            #expect(try await store.lastPosition() == position, "cut at \(cut) of \(whole) to \(end)")
            #expect(try await store.read(EventQuery()).events.count == Int(position.rawValue))
            #expect(try await store.status(of: stream)?.version == Version(position.rawValue / 3 * 2))
            // The caller who got no answer appends again.
            let receipt = try await store.append(last)
            #expect(receipt.firstPosition == 4)
            #expect(receipt.wasStoredBefore == (cut == end))
            store.close()
            try await server.process.kill()
        }
    }

    /// The file that the server appends to.
    private func incrementPath(of server: RedisServer) throws -> String {
        let folder = server.process.directory.file("appendonlydir")
        // Before version 7 it is one file.
        let single = server.process.directory.file("appendonly.aof")
        if FileManager.default.fileExists(atPath: single) { return single }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return folder + "/" + (try #require(names.first { $0.hasSuffix(".incr.aof") }))
    }

    private func size(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
