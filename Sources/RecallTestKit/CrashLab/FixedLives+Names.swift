// The life of a single file below any store: files are made, replaced and deleted in it, names are made durable, and the power
// fails. A store asks little of that at a time; here every extent is wanted again at once.

internal import Recall
internal import RecallLog

extension CrashLab {
    /// Files by name, each with the number that tells its content.
    private typealias Names = [String: UInt64]

    private static let file = "/store.recall"

    /// Changes names until the power fails, and looks whether all of them lead to what they led to when they were made durable.
    static func changeNames(_ seed: UInt64, _ sabotages: Sabotages) throws {
        var random = SeededGenerator(seed: seed)
        let disk = SimulatedDisk()
        let inside = SingleFileDisk(file, on: disk, isReadOnly: false, sabotages: sabotages)
        try inside.createDirectory(file)
        try disk.syncDirectory("/")
        let lock = try inside.open(file + "/lock", .readWrite)
        try expectEqual(try lock.lockExclusively(), true, "The lock")
        var names: Names = [:]
        var possible: [Names] = [names]
        disk.stop(afterMutation: disk.mutationCount + Int.random(in: 1 ... 300, using: &random))
        do throws(DiskError) {
            for number in 1 ... 60 {
                let name = "abcd".randomElement(using: &random).map { "\(file)/\($0)" } ?? file
                switch Int.random(in: 0 ..< 6, using: &random) {
                case 0:
                    possible.append(names)
                    try inside.syncDirectory(file)
                    possible = [names]
                case 1:
                    guard names[name] != nil else { continue }
                    try inside.delete(name)
                    names[name] = nil
                default:
                    try make(name, UInt64(number), &random, in: inside)
                    names[name] = UInt64(number)
                }
            }
        } catch {
            // The power has failed.
        }
        let found = disk.crash(seed: seed)
        let reader = SingleFileDisk(file, on: found, isReadOnly: true)
        let left = try contents(in: reader)
        guard possible.contains(left) else {
            throw ConformanceFailure(
                "The names after crash \(seed): expected one of \(possible), found \(left).")
        }
    }

    /// Makes a file as the layouts do: whole and synced before it has its name.
    private static func make(
        _ name: String, _ number: UInt64, _ random: inout SeededGenerator, in disk: SingleFileDisk
    ) throws(DiskError) {
        let unfinished = name + ".new"
        if try disk.kind(of: unfinished) != nil { try disk.delete(unfinished) }
        let file = try disk.open(unfinished, .createNew)
        let bytes = content(number, count: Int.random(in: 16 ... 100_000, using: &random))
        let slice = bytes[...]
        try file.write(slice.span.bytes, at: 0)
        try file.sync()
        try disk.rename(unfinished, to: name)
    }

    /// Bytes that tell their number, and that all of them are there.
    private static func content(_ number: UInt64, count: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: count)
        writer.integer(number)
        writer.integer(UInt64(count))
        while writer.count < count {
            writer.byte(UInt8(truncatingIfNeeded: number &* 31 &+ UInt64(writer.count / 512)))
        }
        return writer.withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    /// The numbers of all files, 0 for one that is not what any was.
    private static func contents(in disk: SingleFileDisk) throws -> Names {
        var names: Names = [:]
        for name in try disk.list(file) {
            let path = "\(file)/\(name)"
            let opened = try disk.open(path, .readOnly)
            let count = try opened.size()
            let bytes = try DiskBytes.read(opened, count: count)
            names[path] = try bytes.withBytes { bytes in
                guard bytes.byteCount >= 16 else { return 0 }
                var reader = ByteReader(0 ..< 8)
                let number = try reader.integer(UInt64.self, bytes)
                let expected = content(number, count: count)
                return bytes.withUnsafeBytes { $0.elementsEqual(expected) } ? number : 0
            }
        }
        return names
    }
}
