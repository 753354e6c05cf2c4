// `recall selftest`: whether the promises of a store hold on the user's own file system.

import ArgumentParser
import RecallLog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct SelfTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Write, kill and reopen stores on a file system, and say whether every promise held.",
        discussion: """
            Works in a new directory inside DIR and removes it at the end, unless a promise was broken. \
            Writers are killed, calls are made to fail, commits are torn and bits are flipped. What it cannot \
            try is a loss of power: whether the drive keeps what it says it has synced shows only then. \
            Exits with 1 where a promise was broken.
            """)

    @Option(help: ArgumentHelp("The directory whose file system is tested.", valueName: "dir"))
    var dir: String

    @Option(help: ArgumentHelp("How often a writer is killed.", valueName: "n"))
    var rounds: Int = 30

    @Option(help: ArgumentHelp("Repeats the choices of an earlier run.", valueName: "n"))
    var seed: UInt64?

    @Flag(help: "Print one JSON object a promise instead of text.")
    var json = false

    func run() throws {
        guard (1 ... 60_000).contains(rounds) else {
            throw CommandFailure(.badInput, "--rounds is \(rounds); give it a number from 1 to 60,000.")
        }
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: dir, isDirectory: &isDirectory), isDirectory else {
            throw CommandFailure(.unavailable, "\(dir) is not a directory; name one that exists.")
        }
        let seed = seed ?? UInt64.random(in: 0 ... .max)
        let machine = MachineDescription(path: dir)
        let directory = try TemporaryDirectory(in: dir, name: "recall-selftest")
        SignalWatch.start { number in
            directory.remove()
            SignalWatch.end(by: number)
        }
        let verdicts: [SelfTest.Verdict]
        do {
            verdicts = try SelfTest(
                directory: directory.path, seed: seed, checks: SelfTest.checks(roundCount: rounds)
            ).run(print)
        } catch {
            directory.remove()
            throw error
        }
        try Self.requireThatAllHeld(
            verdicts, on: "\(dir) (\(machine.fileSystem), seed \(seed))", leftIn: directory.path)
        let syncSeconds = try? SyncProbe.medianSeconds(in: directory.path)
        directory.remove()
        Message.print(
            "Every promise held on \(dir) (\(machine.fileSystem), seed \(seed)). \(Self.remark(syncSeconds, machine))"
        )
    }

    /// Ends the program with status 1 where a promise was broken. What is left of it stays, for whoever looks into it.
    static func requireThatAllHeld(
        _ verdicts: [SelfTest.Verdict], on place: String, leftIn path: String
    ) throws {
        let broken = verdicts.count { $0.failure != nil }
        guard broken == 0 else {
            throw CommandFailure(
                .damaged,
                "\(Figure.count(broken, "promise")) of \(verdicts.count) did not hold on \(place); do not keep a store there, and look into \(path) for what is left."
            )
        }
    }

    private func print(_ verdict: SelfTest.Verdict) throws {
        var output = OutputWriter()
        if json {
            var object = JSONObject()
            object.add("promise", verdict.promise)
            object.add("held", verdict.failure == nil)
            object.add("detail", verdict.failure ?? verdict.detail)
            output.append(object.text + "\n")
        } else if let failure = verdict.failure {
            output.append("BROKEN  \(verdict.promise): \(failure)\n")
        } else {
            output.append("held    \(verdict.promise): \(verdict.detail)\n")
        }
        try output.flush()
    }

    /// What the verdicts do not say: that nobody has pulled the plug.
    private static func remark(_ syncSeconds: Double?, _ machine: MachineDescription) -> String {
        if machine.fileSystem.hasPrefix("tmpfs") || machine.fileSystem.hasPrefix("ramfs") {
            return "This file system is in memory: nothing on it survives a loss of power."
        }
        guard let syncSeconds else { return "A loss of power was not tried." }
        let milliseconds = Figure.decimal(syncSeconds * 1000, places: 3)
        return
            "A sync takes \(milliseconds) ms; whether the drive keeps what it synced through a loss of power was not tried."
    }
}
