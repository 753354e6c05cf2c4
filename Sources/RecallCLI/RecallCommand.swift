// The root of the program: which commands there are. What each does lives in Commands/.

import ArgumentParser

/// The program `recall`.
struct RecallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Appends events to an event store, replays them, and looks after the files.",
        discussion: """
            Data goes to standard output as JSON Lines, everything else to standard error.
            Exit status: 0 done; 1 the store is damaged or a check failed; 2 wrong usage or bad input; \
            3 a conflict; 4 the store is locked, missing or unreadable.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, AppendCommand.self, ReplayCommand.self, VerifyCommand.self, SalvageCommand.self,
            BackupCommand.self, RestoreCommand.self, PackCommand.self, UnpackCommand.self,
            AggregatesCommand.self, TagsCommand.self, ShowCommand.self, StatsCommand.self,
            InspectCommand.self,
            BenchCommand.self, SelfTestCommand.self, SelfTestWriterCommand.self,
        ])

    func run() throws {
        throw CommandFailure(.badInput, "No command was given; run 'recall help' for the commands there are.")
    }
}
