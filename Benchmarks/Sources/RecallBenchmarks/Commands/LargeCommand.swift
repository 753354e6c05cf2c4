// `recall-benchmarks large`: one large store alone. `measure --large` starts it as a process of its own.

import ArgumentParser
import Foundation

struct LargeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "large",
        abstract: "Measure rate, opening, loads and memory of one large store; prints JSON.")

    @Option(help: "How many events are appended.")
    var events = 10_000_000

    @Option(help: "How many aggregates there are.")
    var aggregates = 1_000_000

    @Option(help: "Where the sequence of events begins.")
    var seed: UInt64 = 2026

    @Option(help: "The directory whose disk is measured.")
    var directory = FileManager.default.currentDirectoryPath

    func validate() throws {
        guard (100_000 ... 1_000_000_000).contains(events), events % 100_000 == 0 else {
            throw ValidationError("Give --events a multiple of 100,000 up to 1,000,000,000.")
        }
        guard (1 ... 100_000_000).contains(aggregates) else {
            throw ValidationError("Give --aggregates a number from 1 to 100,000,000.")
        }
    }

    func run() async throws {
        let result = try await WorkDirectory.with(below: directory) { path in
            try LargeRun(directory: path, eventCount: events, aggregateCount: aggregates, seed: seed).run()
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(result), as: UTF8.self))
    }
}
