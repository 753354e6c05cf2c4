// A store is moved, replaced, deleted or cut short while it is open, as users, scripts and programs that keep folders in step do it.
// What is acknowledged after that must be where the store is, and nobody else's store may change.

internal import Recall
internal import RecallLog

extension CrashLab {
    /// What is done to a store.
    private enum Disturbance: CaseIterable {
        case moved, movedAndReplaced, deleted
        // In a directory.
        case headerDeleted, lockReplaced, segmentsMoved, segmentsReplaced, tailDeleted, tailMoved,
            tailReplaced, tailCut
        // A single file.
        case fileReplaced, fileCut

        /// Whether a layout has what is disturbed.
        func isPossible(inFile isFile: Bool) -> Bool {
            switch self {
            case .moved, .movedAndReplaced, .deleted: true
            case .fileReplaced, .fileCut: isFile
            default: !isFile
            }
        }
    }

    private static let eventsMax = 45

    /// Disturbs a store, and looks where what was acknowledged is.
    static func disturb(_ seed: UInt64, _ sabotages: Sabotages) throws {
        var random = SeededGenerator(seed: seed)
        let isFile = seed % 2 == 1
        let suffix = isFile ? SingleFileDisk.suffix : ""
        let (path, newPath) = ("/store" + suffix, "/elsewhere" + suffix)
        let configuration = configuration(sabotages)
        let disk = SimulatedDisk()
        let log = try Log.openBlocking(at: path, configuration: configuration, disk: disk)
        let count = Int.random(in: 1 ... eventsMax, using: &random)
        for number in 1 ... count { _ = try log.appendBlocking(commit(UInt64(number))) }
        let possible = Disturbance.allCases.filter { $0.isPossible(inFile: isFile) }
        guard let disturbance = possible.randomElement(using: &random) else { return }
        let isDone = try carryOut(disturbance, at: path, newPath, on: disk, &random)
        try expectEqual(isDone, true, "Whether \(disturbance) could be done")

        var acknowledged = count
        var refusal: StoreError?
        while refusal == nil, acknowledged < count + eventsMax {
            do throws(StoreError) {
                _ = try log.appendBlocking(commit(UInt64(acknowledged + 1)))
                acknowledged += 1
            } catch {
                refusal = error
            }
        }
        switch disturbance {
        case .moved:
            if let refusal {
                throw ConformanceFailure("A store that was moved: expected success, found \(refusal).")
            }
            try expectEvents(acknowledged, at: newPath, disk, "The store where it is now")
        case .movedAndReplaced:
            try expectEqual(acknowledged, count, "Commits in a store whose name leads to another one")
            try expectEvents(count, at: newPath, disk, "The store where it is now")
            try expectEvents(1, at: path, disk, "The other store")
        default:
            try expectEqual(acknowledged, count, "Commits after \(disturbance)")
        }
    }

    private static func carryOut(
        _ disturbance: Disturbance, at path: String, _ newPath: String, on disk: SimulatedDisk,
        _ random: inout SeededGenerator
    ) throws -> Bool {
        let segments = path + "/segments"
        let names = (try? disk.list(segments)) ?? []
        let tail = "\(segments)/\(names.last { $0.hasSuffix(".segment") } ?? "")"
        switch disturbance {
        case .moved: return disk.move(path, to: newPath)
        case .movedAndReplaced:
            let isMoved = disk.move(path, to: newPath)
            try makeAnother(at: path, on: disk)
            return isMoved
        case .deleted: return disk.remove(path)
        case .headerDeleted: return disk.remove(path + "/store")
        case .lockReplaced:
            _ = try disk.open("/new", .createNew)
            return disk.move("/new", to: path + "/lock")
        case .segmentsMoved: return disk.move(segments, to: "/segments")
        case .segmentsReplaced:
            let isMoved = disk.move(segments, to: "/segments")
            try disk.createDirectory(segments)
            return isMoved
        case .tailDeleted: return disk.remove(tail)
        case .tailMoved: return disk.move(tail, to: "/tail")
        case .tailReplaced:
            _ = try disk.open("/new", .createNew).preallocate(size: 64 << 10)
            return disk.move("/new", to: tail)
        case .tailCut:
            let size = disk.contents(of: tail)?.count ?? 0
            return disk.cut(tail, to: Int.random(in: 0 ..< max(1, size), using: &random))
        case .fileReplaced:
            try makeAnother(at: "/other.recall", on: disk)
            return disk.move("/other.recall", to: path)
        case .fileCut:
            let size = disk.contents(of: path)?.count ?? 0
            return disk.cut(path, to: Int.random(in: 0 ..< size / 2, using: &random))
        }
    }

    private static func makeAnother(at path: String, on disk: SimulatedDisk) throws {
        let other = try Log.openBlocking(at: path, configuration: configuration(Sabotages()), disk: disk)
        _ = try other.appendBlocking(commit(1))
        try other.closeBlocking()
    }

    private static func expectEvents(
        _ count: Int, at path: String, _ disk: SimulatedDisk, _ what: String
    ) throws {
        let log = try Log.openBlocking(
            at: path, access: .readOnly, configuration: configuration(Sabotages()), disk: disk.kill())
        let found = try log.readToEndBlocking(EventQuery()).map(\.id)
        // One that was refused may be there.
        guard found.count == count || found.count == count + 1,
            found.prefix(count).elementsEqual((1 ... count).map { EventID(number: UInt64($0)) })
        else { throw ConformanceFailure("\(what): expected \(count) events, found \(found.count).") }
    }
}
