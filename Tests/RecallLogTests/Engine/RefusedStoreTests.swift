// Somebody opened the wrong directory, and was told so; from then on a file `lock` stood among their own. Where a file of theirs had
// that name, four kilobytes of it were written over. And a store that was refused as damaged lost what an
// interrupted rewrite had left, before anybody had looked at it.
//
// So whatever is refused is left as it was: not a name more or less, not a byte changed.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RefusedStoreTests {
    /// What stands where a store is asked for.
    enum Place: String, CaseIterable, Sendable {
        case strangersDirectory, strangersLock, unfinishedSalvage, unfinishedRestore
        case headerMissing, headerDamaged, segmentsMissing, segmentMissing, segmentCut
        case strangersFile, superblocksDamaged

        func isPossible(_ kind: Bench.Kind) -> Bool {
            switch self {
            case .strangersFile, .superblocksDamaged: kind.isFile
            default: !kind.isFile
            }
        }

        func make(on bench: Bench) throws {
            switch self {
            case .strangersDirectory:
                try bench.disk.createDirectory(bench.path)
                try Self.put("dear reader", at: bench.path + "/letter", bench)
            case .strangersLock:
                try bench.disk.createDirectory(bench.path)
                try Self.put("of a door", at: bench.path + "/lock", bench)
                try Self.put("dear reader", at: bench.path + "/letter", bench)
            case .strangersFile:
                try Self.put("dear reader", at: bench.path, bench)
            default:
                try makeStore(on: bench)
            }
        }

        /// A store that has no lock, as one that somebody copied without it, and an unfinished file.
        private func makeStore(on bench: Bench) throws {
            let log = try bench.open()
            for number in 1 ... 20 {
                _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, noise: 9_000)]))
            }
            try log.closeBlocking()
            let store = bench.path + "/store"
            let segments = bench.path + "/segments"
            if !bench.kind.isFile {
                try bench.disk.delete(bench.path + "/lock")
                try Self.put("a part", at: segments + "/0000000001.segment.new", bench)
            }
            switch self {
            case .unfinishedSalvage: try bench.disk.rename(store, to: store + ".salvage")
            case .unfinishedRestore: try bench.disk.rename(store, to: store + ".restore")
            case .headerMissing: try bench.disk.delete(store)
            case .headerDamaged: try Self.write([7, 7], at: [20, 4628], of: store, bench)
            case .segmentsMissing: #expect(try bench.move(segments, to: bench.path + "/aside"))
            case .segmentMissing: try bench.disk.delete(segments + "/0000000002.segment")
            case .segmentCut:
                try bench.disk.open(segments + "/0000000002.segment", .readWrite).truncate(to: 30_000)
            case .superblocksDamaged: try Self.write([1, 2, 3], at: [16, 8208], of: bench.path, bench)
            case .strangersDirectory, .strangersLock, .strangersFile: break
            }
        }

        private static func put(_ text: String, at path: String, _ bench: Bench) throws {
            let file = try bench.disk.open(path, .createNew)
            try file.write(Array(text.utf8).span.bytes, at: 0)
        }

        private static func write(
            _ bytes: [UInt8], at offsets: [Int], of path: String, _ bench: Bench
        ) throws {
            let file = try bench.disk.open(path, .readWrite)
            for offset in offsets { try file.write(bytes.span.bytes, at: offset) }
        }
    }

    /// All names below a path with what they hold.
    private static func contents(_ path: String, _ bench: Bench) throws -> [String: [UInt8]] {
        guard try bench.disk.kind(of: path) == .directory else {
            let file = try bench.disk.open(path, .readOnly)
            let bytes = try DiskBytes.read(file, count: file.size())
            return [path: bytes.withBytes { $0.withUnsafeBytes { Array($0) } }]
        }
        var found: [String: [UInt8]] = [path + "/": []]
        for name in try bench.disk.list(path) {
            found.merge(try contents("\(path)/\(name)", bench)) { one, _ in one }
        }
        return found
    }

    @Test(arguments: Bench.Kind.allCases, Place.allCases)
    func whatIsRefusedIsLeftAsItWas(kind: Bench.Kind, place: Place) throws {
        guard place.isPossible(kind) else { return }
        let bench = try Bench(kind)
        defer { bench.remove() }
        try place.make(on: bench)
        let before = try Self.contents(bench.path, bench)
        for access in [LogAccess.createOrOpen, .openExisting] {
            #expect(throws: StoreError.self) { try bench.open(access) }
            #expect(try Self.contents(bench.path, bench) == before, "\(access)")
        }
    }

    /// The lock of a store that is refused goes. Whoever opened its file just before must not take it for the store's: two
    /// would write then.
    @Test(arguments: [Bench.Kind.real, .simulated])
    func lockThatWasRemovedLocksNothing(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open()
        try log.closeBlocking()
        // Between the opening of the file and the look at its name.
        let disk = WatchedDisk(bench.disk, opening: "/lock") {
            try? bench.disk.delete(bench.path + "/lock")
        }
        let second = try Log.openBlocking(at: bench.path, configuration: bench.configuration, disk: disk)
        #expect(throws: StoreError.self) { try bench.open() }
        _ = try second.appendBlocking(Story.commit(1 ... 1, of: 1))
        try second.closeBlocking()
    }
}
