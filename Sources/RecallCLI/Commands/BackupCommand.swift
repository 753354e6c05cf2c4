// `recall backup`: a consistent copy of a store that may be in use, and of what is new where an earlier one is there.

import ArgumentParser
import Recall
import RecallLog

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store, which may be in use, or what is new of it since an earlier backup.",
        discussion: """
            DEST is a directory that is missing, empty, or an earlier backup of the same store. It is a store itself, which \
            the other commands read. Each frame's checksum is checked as it is copied. A backup that is interrupted leaves \
            the earlier one as it was, or longer; the same command goes on.
            """)

    @Argument(help: "The directory of the store.")
    var store: String

    @Argument(help: "The directory of the backup: missing, empty, or an earlier backup.")
    var dest: String

    func run() throws {
        let path = try StorePath(store)
        try path.requireExisting()
        guard !dest.isEmpty else {
            throw CommandFailure(.badInput, "The path of the backup is empty; name a directory.")
        }
        let destination = try StorePath(dest)
        let progress = ProgressBar("Backing up", unit: "bytes")
        defer { progress.finish() }
        let result = try Log.backup(at: path.path, to: destination.path) { progress.update($0) }
        progress.finish()
        Message.print(text(result))
    }

    private func text(_ result: BackupResult) -> String {
        guard result.position > .beforeFirst else { return "\(dest) is a backup of a store without events." }
        guard result.copiedSegmentCount > 0 else {
            return "\(dest) holds everything up to position \(result.position) already; nothing was copied."
        }
        let copied = Figure.bytes(UInt64(max(result.copiedByteCount, 0)))
        let kept =
            result.keptSegmentCount > 0
            ? "; \(Figure.count(result.keptSegmentCount, "segment")) of an earlier backup stayed" : ""
        return
            "\(dest) holds everything up to position \(result.position): \(Figure.count(result.copiedSegmentCount, "segment")), \(copied), copied\(kept)."
    }
}
