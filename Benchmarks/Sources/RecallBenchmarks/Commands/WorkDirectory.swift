// Where a run works: a directory of its own on the disk that is measured, which is removed at the end.

import ArgumentParser
import Foundation

/// Makes and removes the directory.
enum WorkDirectory {
    /// Runs `body` with the path of a new directory below `parent`.
    static func with<Result>(below parent: String, _ body: (String) async throws -> Result) async throws
        -> Result
    {
        let path = "\(parent)/recall-benchmarks-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } catch {
            throw ValidationError(
                "No directory can be made in \(parent): give --directory one that can be written.")
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }
}
