// A directory of a server's own, below the system's temporary one, which goes when its owner goes.

import Foundation

/// A temporary directory that is removed with the object, and with the process at the latest.
public final class ScratchDirectory: Sendable {
    public let path: String

    public init(_ name: String = "server") throws {
        path = FileManager.default.temporaryDirectory.appending(path: "recall-\(name)-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        OrphanGuard.shared.remove(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file.
    /// - Returns: its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// What a file holds; empty where there is none.
    public func read(_ name: String) -> String {
        (FileManager.default.contents(atPath: file(name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
