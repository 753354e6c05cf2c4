// Where figures were measured: without the machine, the disk and the file system they mean nothing.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A machine, as far as it says what it is.
struct MachineDescription {
    var processor: String
    var coreCount: Int
    var system: String
    var fileSystem: String

    /// - Parameter path: where the files of the measurement lie.
    init(path: String) {
        var names = utsname()
        uname(&names)
        let system = Self.text(&names.sysname) + " " + Self.text(&names.release)
        let architecture = Self.text(&names.machine)
        self.system = system
        coreCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        #if os(Linux)
        processor = (Self.processorName() ?? "processor of unknown name") + " (\(architecture))"
        fileSystem = Self.fileSystemName(path) ?? "unknown"
        #else
        processor = architecture
        var information = statfs()
        fileSystem = statfs(path, &information) == 0 ? Self.text(&information.f_fstypename) : "unknown"
        #endif
    }

    /// The machine on one line.
    var text: String { "\(processor), \(coreCount) cores, \(system)" }

    private static func text<Tuple>(_ tuple: inout Tuple) -> String {
        withUnsafeBytes(of: &tuple) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    #if os(Linux)
    private static func lines(of path: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    private static func processorName() -> String? {
        for line in lines(of: "/proc/cpuinfo") where line.hasPrefix("model name") {
            return line.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
        }
        return nil
    }

    /// The type and the device of the mount that holds `path`: the one with its device number.
    private static func fileSystemName(_ path: String) -> String? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        let device = UInt64(information.st_dev)
        // How glibc packs the major and minor number of a device into one.
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & ~0xFF
        var found: String?
        for line in lines(of: "/proc/self/mountinfo") {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[2] == "\(major):\(minor)",
                let separator = fields.firstIndex(of: "-"), fields.count > separator + 2
            else { continue }
            found = "\(fields[separator + 1]) on \(fields[separator + 2])"
        }
        return found
    }
    #endif
}
