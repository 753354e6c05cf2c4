// `recall pack`: make a single-file store of a store.

import ArgumentParser
import Recall
import RecallLog

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Make a single-file store of a store.",
        discussion:
            "FILE must not exist, and its name ends in .recall. STORE may be in use. Every byte of FILE is verified before it is a store; a pack that is interrupted leaves none, and the same command begins it again."
    )

    @Argument(help: "The store, in either layout.")
    var store: String

    @Argument(help: "The new file, which ends in .recall.")
    var file: String

    func run() throws {
        let path = try StorePath(store)
        try path.requireExisting()
        guard !file.isEmpty else {
            throw CommandFailure(.badInput, "The path of the new store is empty; name one.")
        }
        let progress = ProgressBar("Packing", unit: "bytes")
        defer { progress.finish() }
        let result = try Log.pack(path.path, into: file) { state in
            progress.update(UInt64(max(state.byteCount, 0)), of: UInt64(max(state.byteCountTotal, 0)))
        }
        progress.finish()
        let report = result.verification
        Message.print(
            "\(file) holds everything that \(store) does, and all of it was verified: \(Figure.count(report.commitCount, "commit")), \(Figure.count(report.eventCount, "event"))."
        )
    }
}
