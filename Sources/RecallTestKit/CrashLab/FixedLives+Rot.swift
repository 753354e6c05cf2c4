// A process is killed that had acknowledged what it had not synced, and a few bytes of that rot. What stands behind them stays
// where it is, or is kept in a file beside the store before anything is written over it.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog

extension CrashLab {
    private static let rottenLifeCount = 12
    private static let later: UInt64 = 100

    /// Lives such a life, and looks for each commit.
    static func rotTail(_ seed: UInt64, _ sabotages: Sabotages) throws {
        var random = SeededGenerator(seed: seed)
        let isFile = seed % 2 == 1
        let path = "/store" + (isFile ? SingleFileDisk.suffix : "")
        var configuration = configuration(sabotages)
        configuration.durability = .system
        let disk = SimulatedDisk()
        let writer = try Log.openBlocking(at: path, configuration: configuration, disk: disk)
        for number in 1 ... rottenLifeCount { _ = try writer.appendBlocking(commit(UInt64(number))) }

        let struck = Int.random(in: 1 ... rottenLifeCount, using: &random)
        let found = disk.kill()
        let tail = isFile ? path : path + "/segments/0000000001.segment"
        guard let place = offset(of: struck, in: tail, on: found) else {
            throw ConformanceFailure("Commit \(struck) is not where it was written.")
        }
        for offset in 0 ..< 3 {
            found.corrupt(tail, at: place + offset, bit: Int.random(in: 0 ..< 8, using: &random))
        }

        // The next process appends, and may die at any change to the disk.
        if Bool.random(using: &random) {
            found.stop(afterMutation: found.mutationCount + Int.random(in: 1 ... 16, using: &random))
        }
        let next = try? Log.openBlocking(at: path, configuration: configuration, disk: found)
        // Two: the first takes hardly more than the place of the rotten one.
        for number in [later, later + 1] { _ = try? next?.appendBlocking(commit(number)) }
        for (last, isPowerLost) in [(found.kill(), false), (found.crash(seed: seed), true)] {
            let files = files(isFile, path, on: last).compactMap { last.contents(of: $0) }
            // With the power, what was not synced may go. But not for the sake of what came later.
            if isPowerLost, offset(of: Int(later), in: tail, on: last) == nil { continue }
            for number in struck + 1 ..< max(struck, rottenLifeCount) + 1
            where !files.contains(where: { offset(of: number, in: $0) != nil }) {
                throw ConformanceFailure(
                    "Commit \(number), behind the rotten commit \(struck), was written over and is kept nowhere."
                )
            }
        }
    }

    /// Where the payload of a commit stands in a file, as it was written.
    private static func offset(of number: Int, in file: String, on disk: SimulatedDisk) -> Int? {
        disk.contents(of: file).flatMap { offset(of: number, in: $0) }
    }

    private static func offset(of number: Int, in contents: [UInt8]) -> Int? {
        guard let payload = commit(UInt64(number)).events.first.map({ Array($0.payload) }) else { return nil }
        return contents.withUnsafeBytes { bytes in
            payload.withUnsafeBytes { wanted in
                let first = wanted.loadUnaligned(as: UInt64.self)
                var offset = 0
                while offset + wanted.count <= bytes.count {
                    if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == first,
                        bytes[offset ..< offset + wanted.count].elementsEqual(wanted)
                    {
                        return offset
                    }
                    offset += 1
                }
                return nil
            }
        }
    }

    /// The segments, and what was kept beside them.
    private static func files(_ isFile: Bool, _ path: String, on disk: SimulatedDisk) -> [String] {
        let directories = isFile ? ["/"] : [path, path + "/segments"]
        return directories.flatMap { directory in
            ((try? disk.list(directory)) ?? []).map { directory == "/" ? "/" + $0 : directory + "/" + $0 }
        }
    }
}
