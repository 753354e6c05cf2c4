// A file that is gone when the test is.

import Foundation

struct TemporaryFile: ~Copyable {
    let path: String

    init(_ text: String) throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "recall-\(UUID().uuidString).yaml").path
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
