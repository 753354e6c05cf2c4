// Where a run was measured: without it no figure means anything. Names no host, user or path.

import CLMDB
import CRocksDB
import CSQLite
import Foundation

/// The machine, its system and its disk, and the versions of the stores.
struct Machine: Codable, Sendable {
    var processor: String
    var coreCount: Int
    var memoryMiB: Int
    var system: String
    var kernel: String
    /// The file system and the device below the measured directory, such as `ext4 on vda`.
    var disk: String
    var versions: [StoreName: String]

    /// - Parameter directory: a directory on the measured disk.
    init(directory: String) {
        let information = ProcessInfo.processInfo
        processor =
            Self.value("model name", in: "/proc/cpuinfo", separator: ":") ?? "processor of unknown name"
        coreCount = information.activeProcessorCount
        memoryMiB = Int(information.physicalMemory >> 20)
        system =
            Self.value("PRETTY_NAME", in: "/etc/os-release", separator: "=")?
            .trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            ?? information.operatingSystemVersionString
        kernel =
            Self.text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
        disk = Self.disk(below: directory)
        versions = [
            .sqlite: String(cString: sqlite3_libversion()),
            .lmdb: "\(MDB_VERSION_MAJOR).\(MDB_VERSION_MINOR).\(MDB_VERSION_PATCH)",
            .rocksdb: Self.rocksdbVersion,
        ]
    }

    /// One line for a table or a picture.
    var title: String {
        "\(processor), \(coreCount) cores, \(memoryMiB / 1024) GiB; \(disk); \(system), Linux \(kernel)"
    }

    /// The C interface tells no version, so the name of the loaded library does.
    private static var rocksdbVersion: String {
        let maps = text("/proc/self/maps")
        let path = maps.split(separator: "\n").first { $0.contains("librocksdb.so") }?.split(separator: " ")
            .last
        return path?.split(separator: ".so.").last.map(String.init) ?? "unknown"
    }

    private static func value(_ name: String, in path: String, separator: Character) -> String? {
        text(path).split(separator: "\n").first { $0.hasPrefix(name) }?
            .split(separator: separator, maxSplits: 1).last
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// A file's text; empty where there is none. Read to its end: files that the system makes tell no length, and
    /// come in pieces.
    private static func text(_ path: String) -> String {
        let data = try? FileHandle(forReadingAtPath: path)?.readToEnd()
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    private static func disk(below directory: String) -> String {
        let mounts = text("/proc/self/mounts")
        let path = URL(filePath: directory).resolvingSymlinksInPath().path + "/"
        var best: [Substring] = []
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let mount = fields[1] == "/" ? "/" : "\(fields[1])/"
            if path.hasPrefix(mount), best.isEmpty || best[1].count <= fields[1].count { best = fields }
        }
        guard best.count > 2 else { return "disk of unknown kind" }
        return "\(best[2]) on \(best[0].split(separator: "/").last ?? "unknown")"
    }
}
