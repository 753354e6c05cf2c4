// `recall unpack`: make a directory of a single-file store.

import ArgumentParser
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
        try LayoutChange(label: "Unpacking") { try Log.unpack($0, into: $1, progress: $2) }.run(
            file, into: store)
    }
}
