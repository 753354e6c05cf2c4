// `recall pack`: make a single-file store of a store.

import ArgumentParser
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
        try LayoutChange(label: "Packing") { try Log.pack($0, into: $1, progress: $2) }.run(store, into: file)
    }
}
