// The limit of the queue on a real log: callers wait for room, and everyone gets through.

import Dispatch
import Recall
import RecallLog
import Testing

@Suite struct QueueLimitTests {
    @Test(arguments: [Durability.commit, .system])
    func callersThatWaitForRoomAllGetThrough(durability: Durability) async throws {
        let bench = try Bench(.real, durability: durability)
        defer { bench.remove() }
        // Room for two or three commits, and twelve callers.
        let log = try bench.open { $0.queueBytesMax = 1500 }
        let counts = await withTaskGroup(of: Int.self) { group in
            for caller in 0 ..< 8 {
                group.addTask {
                    var count = 0
                    for number in 0 ..< 50 {
                        let commit = Story.commit(
                            caller * 1000 + number ... caller * 1000 + number, of: caller)
                        if (try? await log.append(commit)) != nil { count += 1 }
                    }
                    return count
                }
            }
            group.addTask {
                // Callers that block have threads of their own.
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async {
                        DispatchQueue.concurrentPerform(iterations: 4) { caller in
                            for number in 0 ..< 50 {
                                let first = 20_000 + caller * 1000 + number
                                _ = try? log.appendBlocking(Story.commit(first ... first, of: 10 + caller))
                            }
                        }
                        continuation.resume(returning: 200)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(counts == 600)
        #expect(try log.lastPositionBlocking() == 600)
        try await log.close()
    }

    @Test func callersThatWaitForRoomAreToldOfTheClose() async throws {
        let bench = try Bench(.real)
        defer { bench.remove() }
        let log = try bench.open { $0.queueBytesMax = 1 }
        await withTaskGroup(of: Void.self) { group in
            for caller in 0 ..< 6 {
                group.addTask {
                    for number in 0 ..< 10_000 {
                        let id = caller * 10_000 + number
                        if (try? await log.append(Story.commit(id ... id, of: caller))) == nil { return }
                    }
                }
            }
            group.addTask {
                while ((try? log.lastPositionBlocking().rawValue) ?? .max) < 50 { await Task.yield() }
                try? await log.close()
            }
        }
        // Each caller came to an end, by the error: not one is left waiting.
        #expect(throws: StoreError.self) { try log.lastPositionBlocking() }
    }
}
