// `recall-benchmarks measure`, which is also what runs when no command is named.

import ArgumentParser
import Foundation
import RecallBenchmarksKit

struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure everything and print a table.",
        discussion: """
            Works in a new directory below --directory, so that the disk there is measured, and removes it at \
            the end.
            """)

    @Option(help: "How many events are written unsynced, and then read.")
    var events = 1_000_000

    @Option(help: "Seconds for each row that appends durably, all stores together.")
    var seconds = 20.0

    @Option(help: "Rounds of each row, in which all take turns.")
    var rounds = 15

    @Option(help: "Where the sequence of events begins.")
    var seed: UInt64 = 2026

    @Option(help: "The directory whose disk is measured.")
    var directory = FileManager.default.currentDirectoryPath

    @Option(help: "Write the result to this file, as JSON.")
    var json: String?

    @Option(help: "Name the commit that is measured.")
    var commit = "unknown"

    @Option(help: "Stores to compare with, separated by commas: sqlite, lmdb, lmdbCopies, rocksdb; or none.")
    var peers = "sqlite,lmdb,lmdbCopies,rocksdb"

    @Flag(
        help: """
            Measure only Recall's two layouts, a directory and a single file, against each other, in the rows that \
            have both.
            """)
    var layouts = false

    @Flag(
        name: .customLong("unique-event-ids"),
        help: "Let the peers refuse an event id that they hold, as Recall always does.")
    var uniqueEventIDs = false

    @Flag(
        help:
            "Also append ten times the events, of a hundred times the aggregates, in a process of their own.")
    var large = false

    private static let possiblePeers: [StoreName] = [.sqlite, .lmdb, .lmdbCopies, .rocksdb]

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
        _ = try peerNames()
        guard !layouts || !large else {
            throw ValidationError("Give --layouts or --large, not both: a large store has no peer.")
        }
        if let json {
            let parent = URL(filePath: json).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: parent) else {
                throw ValidationError("Give --json a file in a directory that can be written.")
            }
        }
    }

    private func peerNames() throws -> [StoreName] {
        if peers == "none" { return [] }
        let asked = try peers.split(separator: ",").map { text in
            guard let name = StoreName(rawValue: String(text)), Self.possiblePeers.contains(name) else {
                throw ValidationError(
                    "Give --peers some of sqlite, lmdb, lmdbCopies and rocksdb, or none; not \(text).")
            }
            return name
        }
        return Self.possiblePeers.filter { asked.contains($0) }
    }

    func run() async throws {
        let report = try await WorkDirectory.with(below: directory) { path in
            let workload = Workload(seed: seed)
            var run = Run(
                directory: path, eventCount: events, seconds: seconds, roundCount: rounds,
                peers: try peerNames(), isOfLayoutsOnly: layouts,
                hasUniqueEventIDs: uniqueEventIDs, workload: workload)
            let machine = Machine(directory: path)
            let rows = try await run.run { row in
                let values = StoreName.allCases.compactMap { name in
                    row.values[name].map { "\(name.title) \(Figure($0))" }
                }
                note("\(row.title): \(values.joined(separator: ", ")) \(row.unit)")
            }
            let largeResult = large ? try measureLarge(path) : nil
            return Report(
                run, machine: machine, commit: commit, seed: seed, density: Density(of: workload), rows: rows,
                large: largeResult)
        }
        if let json { try report.json.write(to: URL(filePath: json)) }
        print(report.table)
    }

    /// In a process of its own, whose memory is nobody else's.
    private func measureLarge(_ path: String) throws -> LargeResult {
        note("appending \(Figure(Double(events) * 10, placeCountMax: 0)) events ...")
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "large", "--events", String(events * 10), "--aggregates", String(events), "--seed", String(seed),
            "--directory", path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WrongResult(
                "The process that measures the large store ended with \(process.terminationStatus).")
        }
        return try JSONDecoder().decode(LargeResult.self, from: data)
    }

    private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
