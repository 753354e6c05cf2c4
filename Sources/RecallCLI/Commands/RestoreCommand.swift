// `recall restore`: a store of a backup, as it was at the end, at a position or at a time.

import ArgumentParser
import Recall
import RecallLog

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a new store of a backup, as it was then, and verify it.",
        discussion: """
            STORE must be missing or an empty directory: nothing is overwritten. Commits are there whole or not at all. \
            Every byte of STORE is verified before it is called a store; a restore that is interrupted leaves none, and the \
            same command begins it again.
            """)

    @Argument(help: "The directory of the backup, or of any store.")
    var backup: String

    @Argument(help: "The directory of the new store: missing, or empty.")
    var store: String

    @Option(
        help: ArgumentHelp("Leaves out the commits that end behind this position.", valueName: "n"))
    var toPosition: UInt64?

    @Option(
        help: ArgumentHelp(
            "Ends with the last commit that was stored at or before this time, such as 2026-11-23T10:15:30Z.",
            valueName: "time"))
    var toTime: String?

    func run() throws {
        let point = try point()
        let path = try StorePath(backup)
        try path.requireExisting()
        guard !store.isEmpty else {
            throw CommandFailure(.badInput, "The path of the new store is empty; name a directory.")
        }
        let destination = try StorePath(store)
        let progress = ProgressBar("Restoring", unit: "bytes")
        defer { progress.finish() }
        let result = try Log.restore(from: path.path, to: destination.path, upTo: point) {
            progress.update($0)
        }
        progress.finish()
        Message.print(text(result))
    }

    private func point() throws -> RestorePoint {
        switch (toPosition, toTime) {
        case (nil, nil): return .end
        case (0, nil):
            throw CommandFailure(
                .badInput, "--to-position is 0; positions begin with 1, name one from there.")
        case (let position?, nil): return .position(Position(position))
        case (nil, let text?):
            guard let time = Timestamp(iso8601: text) else {
                throw CommandFailure(
                    .badInput, "--to-time is no RFC 3339 time; give one such as 2026-11-23T10:15:30Z.")
            }
            return .time(time)
        case (_?, _?):
            throw CommandFailure(
                .badInput, "--to-position and --to-time exclude each other; leave one of them out.")
        }
    }

    private func text(_ result: RestoreResult) -> String {
        guard result.position > .beforeFirst else {
            return "\(store) is a store without events: \(backup) holds none up to then."
        }
        let report = result.verification
        var text =
            "\(store) holds everything up to position \(result.position), and all of it was verified: \(Figure.count(report.commitCount, "commit")), \(Figure.count(report.eventCount, "event"))"
        if let commit = result.dividedCommit {
            text +=
                "; the commit of positions \(commit.lowerBound) to \(commit.upperBound) is left out, since it ends behind \(toPosition ?? 0)"
        }
        if result.laterEventCount > 0 {
            text +=
                "; \(Figure.count(result.laterEventCount, "event")) of them \(result.laterEventCount == 1 ? "has" : "have") a later time than \(toTime ?? ""), since the clock went back behind them: choose an end by --to-position where they are to be left out"
        }
        return text + "."
    }
}
