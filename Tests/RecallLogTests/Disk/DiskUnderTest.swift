// The disks that every test of the layers above runs on: the real one in a temporary directory, and the
// simulated one.

import Foundation
import RecallLog
import RecallTestKit

/// A kind of disk, to be an argument of a test.
enum DiskUnderTest: String, CaseIterable, Sendable {
    case posix, simulated
    /// The inside of a single-file store on each of them.
    case posixFile, simulatedFile

    /// Those with symbolic links, which a single-file store has none of inside.
    static let withLinks: [DiskUnderTest] = [.posix, .simulated]

    /// Makes a disk with an empty directory on it.
    func make() throws -> DiskRoom {
        switch self {
        case .posix:
            let directory = FileManager.default.temporaryDirectory.appending(
                path: "recall-disk-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            return DiskRoom(
                disk: POSIXDisk(), root: directory.path(percentEncoded: false),
                remove: { try? FileManager.default.removeItem(at: directory) })
        case .posixFile:
            let path = FileManager.default.temporaryDirectory.appending(
                path: "recall-disk-\(UUID().uuidString).recall"
            ).path(percentEncoded: false)
            return try DiskRoom(
                inside: path, on: POSIXDisk(), remove: { try? FileManager.default.removeItem(atPath: path) })
        case .simulatedFile:
            return try DiskRoom(inside: "/room.recall", on: SimulatedDisk(), remove: {})
        case .simulated:
            let disk = SimulatedDisk()
            try disk.createDirectory("/room")
            try disk.syncDirectory("/")
            return DiskRoom(disk: disk, root: "/room", remove: {})
        }
    }
}

/// A disk and a directory on it that is removed with this object.
final class DiskRoom: Sendable {
    let disk: any Disk
    let root: String
    private let remove: @Sendable () -> Void

    init(disk: any Disk, root: String, remove: @escaping @Sendable () -> Void) {
        self.disk = disk
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
        self.remove = remove
    }

    /// The inside of a new file, whose lock was taken once and is free.
    convenience init(inside path: String, on disk: any Disk, remove: @escaping @Sendable () -> Void) throws {
        let inside = SingleFileDisk(path, on: disk, isReadOnly: false)
        try inside.createDirectory(path)
        let lock = try inside.open(path + "/lock", .readWrite)
        guard try lock.lockExclusively() else { throw DiskError(call: "lock", path: path, number: 0) }
        lock.unlock()
        self.init(disk: inside, root: path, remove: remove)
    }

    deinit { remove() }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Makes a file that holds `bytes`.
    func makeFile(_ name: String, _ bytes: [UInt8] = []) throws -> any DiskFile {
        let file = try disk.open(path(name), .createNew)
        try file.write(bytes, at: 0)
        return file
    }
}

extension DiskFile {
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        try write(bytes.span.bytes, at: offset)
    }

    /// All that the file holds.
    func contents() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try size())
        let count = try bytes.withUnsafeMutableBytes { try read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }
}

extension Disk {
    /// Makes a file with these contents, or puts them at its start.
    func put(_ bytes: [UInt8], at path: String) throws {
        let file = try kind(of: path) == nil ? open(path, .createNew) : open(path, .readWrite)
        try file.write(bytes, at: 0)
    }
}
