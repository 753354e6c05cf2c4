// A directory for one test, removed with its owner.

import Foundation
import Synchronization

/// A new directory for files of a test.
final class Scratch: Sendable {
    let path: String
    private let count = Atomic<Int>(0)

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("recall-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the store of the test lies.
    var store: String { path + "/store" }

    /// A path at which nothing stands yet.
    func newPath(_ name: String) -> String {
        "\(path)/\(name)-\(count.add(1, ordering: .relaxed).newValue)"
    }
}
