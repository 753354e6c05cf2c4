// The program `recall-benchmarks`: measures the engine in one run, beside what the disk itself could do.

import ArgumentParser
import Foundation

@main
struct RecallBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall-benchmarks",
        abstract: "Measure the engine on this machine and this disk, beside a bare file.",
        discussion: """
            Works in a new directory below --directory, so that the disk there is measured, and removes it at \
            the end. What each row means: Benchmarks/README.md.
            """)

    @Option(help: "How many events are written unsynced, and then read.")
    var events = 1_000_000

    @Option(help: "Seconds for each row that appends durably, log and bare file together.")
    var seconds = 6.0

    @Option(help: "Rounds of each row; of rows that append, pairs of rounds.")
    var rounds = 15

    @Option(help: "Where the sequence of events begins.")
    var seed: UInt64 = 2026

    @Option(help: "The directory whose disk is measured.")
    var directory = FileManager.default.currentDirectoryPath

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func validate() throws {
        guard (1 ... 99).contains(rounds) else {
            throw ValidationError("Give --rounds a number from 1 to 99.")
        }
        guard (10_000 ... 100_000_000).contains(events) else {
            throw ValidationError("Give --events a number from 10,000 to 100,000,000.")
        }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("Give --seconds a number above 0, up to 3600.")
        }
    }

    func run() async throws {
        let path = "\(directory)/recall-benchmarks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var run = Run(
            directory: path, eventCount: events, seconds: seconds, roundCount: rounds,
            workload: Workload(seed: seed))
        let progress = FileHandle.standardError
        let rows = try await run.run { row in progress.write(Data("measured: \(row.title)\n".utf8)) }
        let report = Report(
            machine: Report.machine, system: ProcessInfo.processInfo.operatingSystemVersionString,
            events: events, seed: seed, secondsPerRow: seconds, rows: rows)
        print(json ? try report.json : report.table)
    }
}
