// `recall unpack`: make a directory of a single-file store.

import ArgumentParser
import Recall
import RecallLog

struct UnpackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack",
        abstract: "Make a directory of a single-file store.",
        discussion:
            "STORE must be missing or an empty directory. Every byte of it is verified before it is called a store; an unpack that is interrupted leaves none, and the same command begins it again."
    )

    @Argument(help: "The single-file store.")
    var file: String

    @Argument(help: "The new store's directory: missing, or empty.")
    var store: String

    func run() throws {
        let path = try StorePath(file)
        try path.requireExisting()
        guard !store.isEmpty else {
            throw CommandFailure(.badInput, "The path of the new store is empty; name one.")
        }
        let progress = ProgressBar("Unpacking", unit: "bytes")
        defer { progress.finish() }
        let result = try Log.unpack(path.path, into: store) { state in
            progress.update(UInt64(max(state.byteCount, 0)), of: UInt64(max(state.byteCountTotal, 0)))
        }
        progress.finish()
        let report = result.verification
        Message.print(
            "\(store) holds everything that \(file) does, and all of it was verified: \(Figure.count(report.commitCount, "commit")), \(Figure.count(report.eventCount, "event"))."
        )
    }
}
