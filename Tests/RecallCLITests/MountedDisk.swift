// A small file system of its own, in memory, for tests that need a full or a read-only one.

import Foundation
import Testing

/// A mounted file system, unmounted with its owner.
final class MountedDisk: Sendable {
    let path: String

    /// Whether this process may mount: tried once, since rights say little in a container.
    static let isPossible: Bool = {
        guard let scratch = try? Scratch() else { return false }
        return (try? MountedDisk(bytes: 1 << 20, at: scratch.newPath("mount"))) != nil
    }()

    /// - Throws: where it cannot be mounted.
    init(bytes: Int, at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #if os(Linux)
        try Self.run(["mount", "-t", "tmpfs", "-o", "size=\(bytes),mode=0755", "recall-test", path])
        #else
        throw NotPossible()
        #endif
    }

    /// Changes an option of the mount, such as `ro`.
    func remount(_ option: String) throws {
        try Self.run(["mount", "-o", "remount,\(option)", path])
    }

    deinit { try? Self.run(["umount", "-l", path]) }

    private struct NotPossible: Error {}

    private static func run(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw NotPossible() }
    }
}
