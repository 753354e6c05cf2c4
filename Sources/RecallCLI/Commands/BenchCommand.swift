// `recall bench`: how fast the log is on this machine and this disk, beside what a bare file could do.

import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure append and replay on this machine and this disk, beside the raw limit.",
        discussion: """
            Works in a new directory where the command is run, so that the disk there is measured, and \
            removes it at the end. The raw limit is a bare file to which the same number of bytes is \
            appended, with fdatasync after each commit where the row is durable.
            """)

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Option(
        help: ArgumentHelp("How many events are written unsynced and then replayed.", valueName: "n"))
    var events: Int = 1_000_000

    /// Where the sequence of events begins: the same in every run.
    private static let seed: UInt64 = 2026

    func run() throws {
        guard events >= 1, events <= 1_000_000_000 else {
            throw CommandFailure(
                .badInput, "--events is \(events); give it a number from 1 to 1,000,000,000.")
        }
        let parent = FileManager.default.currentDirectoryPath
        let machine = MachineDescription(path: parent)
        let directory = try TemporaryDirectory(in: parent, name: "recall-bench")
        let rows = try directory.use { path in
            let progress = ProgressBar("Measuring", unit: "events")
            defer { progress.finish() }
            var run = BenchRun(directory: path, eventCount: events, seed: Self.seed, progress: progress)
            return try run.run()
        }
        var output = OutputWriter()
        output.append(json ? object(rows, machine).text + "\n" : text(rows, machine))
        try output.flush()
    }

    private func object(_ rows: [BenchRow], _ machine: MachineDescription) -> JSONObject {
        var object = JSONObject()
        object.add("processor", machine.processor)
        object.add("coreCount", machine.coreCount)
        object.add("system", machine.system)
        object.add("fileSystem", machine.fileSystem)
        object.add("events", events)
        object.add("seed", Self.seed)
        object.add("rows", rows.map(\.object))
        return object
    }

    private func text(_ rows: [BenchRow], _ machine: MachineDescription) -> String {
        var table = [["", "per second", "raw limit", "ratio", "bytes/event"]]
        for row in rows {
            table.append([
                row.title,
                "\(Figure.decimal(row.perSecond, places: 0)) \(row.unit)",
                row.rawPerSecond.map { Figure.decimal($0, places: 0) } ?? "–",
                row.ratio.map { Figure.decimal($0, places: 2) } ?? "–",
                row.bytesPerEvent.map { Figure.decimal($0, places: 1) } ?? "–",
            ])
        }
        return """
            \(machine.text)
            File system: \(machine.fileSystem)
            Events: JSON of 225 bytes on average, \(Figure.grouped(BenchWorkload.aggregateCount)) aggregates \
            at random, seed \(Self.seed)
            Durable: synced before each append returns; raw limit: a bare file, the same bytes a commit

            \(Table.text(table))
            """
    }
}
