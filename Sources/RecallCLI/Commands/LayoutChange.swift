// What `recall pack` and `recall unpack` have in common: a store is copied into the other layout, and that is said.

import RecallLog

/// The copying of a store into another layout.
struct LayoutChange {
    /// What is going on, such as `Packing`.
    let label: String
    let copy: (String, String, @escaping @Sendable (CopyProgress) -> Void) throws -> RestoreResult

    func run(_ source: String, into destination: String) throws {
        let path = try StorePath(source)
        try path.requireExisting()
        guard !destination.isEmpty else {
            throw CommandFailure(.badInput, "The path of the new store is empty; name one.")
        }
        let progress = ProgressBar(label, unit: "bytes")
        defer { progress.finish() }
        let report = try copy(path.path, destination) { progress.update($0) }.verification
        progress.finish()
        Message.print(
            "\(destination) holds everything that \(source) does, and all of it was verified: \(Figure.count(report.commitCount, "commit")), \(Figure.count(report.eventCount, "event"))."
        )
    }
}
