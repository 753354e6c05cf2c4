// Every input that fuzzing of the adapters' readers keeps goes through the same probes with every test run. As CorpusTests do for
// the readers of the log, which needs none of the adapters' C libraries.

import Foundation
import RecallAdapterProbes
import RecallTestKit
import Testing

/// A fuzz target: a folder of inputs, and the probe that they are for.
struct AdapterTarget: Sendable, CustomTestStringConvertible {
    let name: String
    let probe: @Sendable (Data) throws -> Int
    let seeds: @Sendable () -> [String: Data]

    var testDescription: String { name }

    var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fuzz/Corpus/\(name)")
    }

    static let all = [
        AdapterTarget(
            name: "FuzzMemcachedSnapshot", probe: AdapterProbe.memcachedSnapshot,
            seeds: AdapterSeeds.memcachedSnapshots),
        AdapterTarget(
            name: "FuzzRedisEvent", probe: AdapterProbe.redisEvent, seeds: AdapterSeeds.redisEvents),
        AdapterTarget(
            name: "FuzzRedisReply", probe: AdapterProbe.redisReply, seeds: AdapterSeeds.redisReplies),
    ]
}

@Suite struct AdapterCorpusTests {
    /// With `RECALL_WRITE_SEEDS=1` in the environment the seeds are written first; without, they are only read.
    @Test(arguments: AdapterTarget.all)
    func everyInputOfTheCorpusKeepsTheProbesPromises(target: AdapterTarget) throws {
        if ProcessInfo.processInfo.environment["RECALL_WRITE_SEEDS"] == "1" {
            try FileManager.default.createDirectory(at: target.folder, withIntermediateDirectories: true)
            for (name, data) in target.seeds() { try data.write(to: target.folder.appending(path: name)) }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: target.folder.path).sorted()
        #expect(!files.isEmpty)
        for file in files {
            let input = try Data(contentsOf: target.folder.appending(path: file))
            #expect(throws: Never.self, "\(target.name)/\(file)") { _ = try target.probe(input) }
        }
    }

    /// Otherwise a format has changed, and fuzzing would begin with bytes that no reader accepts.
    @Test(arguments: AdapterTarget.all)
    func seedsAreAcceptedUnlessTheyAreDamaged(target: AdapterTarget) throws {
        for (name, data) in target.seeds() {
            let count = try target.probe(data)
            #expect((count > 0) == !name.contains("damaged"), "\(target.name)/\(name)")
        }
    }

    /// A cheap share of fuzzing in every run: each seed with a few bytes changed, the same in every run.
    @Test(arguments: AdapterTarget.all, 0 ..< 4)
    func changedSeedsKeepTheProbesPromises(target: AdapterTarget, seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for (name, data) in target.seeds().sorted(by: { $0.key < $1.key }) {
            for round in 0 ..< 100 {
                var changed = data
                for _ in 0 ... Int.random(in: 0 ..< 4, using: &random) {
                    let offset = Int.random(in: 1 ..< changed.count, using: &random)
                    let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0 ... 255, using: &random)]
                    changed[offset] = values[Int.random(in: 0 ..< values.count, using: &random)]
                }
                #expect(throws: Never.self, "\(target.name)/\(name), seed \(seed), round \(round)") {
                    _ = try target.probe(changed)
                }
            }
        }
    }
}
