// Every input that fuzzing keeps goes through the same probes with every test run, so what was found once is
// not lost again.

import Foundation
import RecallProbes
import RecallTestKit
import Testing

/// A fuzz target: a folder of inputs, and the probe that they are for.
struct CorpusTarget: Sendable, CustomTestStringConvertible {
    let name: String
    let probe: @Sendable (Data) async throws -> Int
    let seeds: @Sendable () throws -> [String: Data]
    /// How often each seed is changed; fewer where an input opens a store several times.
    var roundCount = 40

    var testDescription: String { name }

    var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/Corpus/\(name)")
    }

    static let all = [
        CorpusTarget(name: "FuzzFrame", probe: ReaderProbe.frames, seeds: ProbeSeeds.frames),
        CorpusTarget(name: "FuzzRecord", probe: ReaderProbe.record, seeds: ProbeSeeds.records),
        CorpusTarget(name: "FuzzSegment", probe: ReaderProbe.segment, seeds: ProbeSeeds.edits, roundCount: 5),
        CorpusTarget(
            name: "FuzzSingleFile", probe: ReaderProbe.singleFile, seeds: ProbeSeeds.singleFiles,
            roundCount: 3),
        CorpusTarget(name: "FuzzIndex", probe: ReaderProbe.index, seeds: ProbeSeeds.index),
        CorpusTarget(name: "FuzzSnapshots", probe: ReaderProbe.snapshots, seeds: ProbeSeeds.snapshots),
        CorpusTarget(name: "FuzzEventLine", probe: TextProbe.eventLine, seeds: ProbeSeeds.eventLines),
        CorpusTarget(
            name: "FuzzConfiguration", probe: TextProbe.configuration, seeds: ProbeSeeds.configurations),
        CorpusTarget(
            name: "FuzzRelayState", probe: ReaderProbe.relayState, seeds: ProbeSeeds.relayStates,
            roundCount: 10),
    ]
}

@Suite struct CorpusTests {
    /// With `RECALL_WRITE_SEEDS=1` in the environment the seeds are written first; without, they are only read.
    @Test(arguments: CorpusTarget.all)
    func everyInputOfTheCorpusKeepsTheProbesPromises(target: CorpusTarget) async throws {
        if ProcessInfo.processInfo.environment["RECALL_WRITE_SEEDS"] == "1" {
            try FileManager.default.createDirectory(at: target.folder, withIntermediateDirectories: true)
            for (name, data) in try target.seeds() { try data.write(to: target.folder.appending(path: name)) }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: target.folder.path).sorted()
        #expect(!files.isEmpty)
        for file in files {
            let input = try Data(contentsOf: target.folder.appending(path: file))
            await #expect(throws: Never.self, "\(target.name)/\(file)") { _ = try await target.probe(input) }
        }
    }

    /// Otherwise the format has changed, and fuzzing would begin with bytes that no reader accepts.
    @Test(arguments: CorpusTarget.all)
    func seedsReachWhatLiesBehindTheChecksums(target: CorpusTarget) async throws {
        for (name, data) in try target.seeds() where !name.contains("unsealed") && !name.contains("damaged") {
            #expect(try await target.probe(data) > 0, "\(target.name)/\(name)")
        }
    }

    /// A cheap share of fuzzing in every run: each seed with a few bytes changed, the same in every run.
    @Test(arguments: CorpusTarget.all, 0 ..< 4)
    func changedSeedsKeepTheProbesPromises(target: CorpusTarget, seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for (name, data) in try target.seeds().sorted(by: { $0.key < $1.key }) where data.count > 1 {
            for round in 0 ..< target.roundCount {
                var changed = data
                for _ in 0 ... Int.random(in: 0 ..< 4, using: &random) {
                    let offset = Int.random(in: 1 ..< changed.count, using: &random)
                    let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0 ... 255, using: &random)]
                    changed[offset] = values[Int.random(in: 0 ..< values.count, using: &random)]
                }
                await #expect(throws: Never.self, "\(target.name)/\(name), seed \(seed), round \(round)") {
                    _ = try await target.probe(changed)
                }
            }
        }
    }
}
