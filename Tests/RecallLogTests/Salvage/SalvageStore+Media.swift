// What a medium does not give back of a store, and what that must cost, worked out from the store as it was whole.

import Recall
import RecallLog
import RecallTestKit
import Testing

extension SalvageStore {
    /// What is read at least, in bytes.
    static let pageSize = 4096

    /// The same store, on a disk of its own whose calls are counted from here on.
    func onADiskOfItsOwn() throws -> SalvageStore {
        SalvageStore(self, on: try #require(disk as? SimulatedDisk).kill())
    }

    var simulated: SimulatedDisk {
        get throws { try #require(disk as? SimulatedDisk) }
    }

    /// Where a file of the store is on the disk: the file, and where in it.
    func place(of path: String) throws -> (path: String, offset: Int) {
        guard bench.kind.isFile else { return (path, 0) }
        if path == self.path { return (path, 0) }
        return (self.path, try #require(places()[path]).offset)
    }

    /// Where the files are in the one file of the store.
    func places() throws -> [String: FileTable.Placement] {
        let superblock = try LeadingCopy.superblock(path, on: disk)
        let table = try DiskBytes.read(
            disk.open(path, .readOnly), from: superblock.tableOffset, count: superblock.tableSize
        ).withBytes { try FileTable(decoding: $0, generation: superblock.generation) }
        return table.entries.reduce(into: [:]) { $0["\(path)/\($1.name)"] = $1.placement }
    }

    /// All of what the disk has of the store, whether it gives it back or not.
    func rawContents() throws -> [String: [UInt8]] {
        let disk = try simulated
        if bench.kind.isFile { return [path: disk.contents(of: path) ?? []] }
        var found: [String: [UInt8]] = [:]
        for directory in [path, path + "/segments", path + "/indexes"] {
            for name in try disk.list(directory) {
                found["\(directory)/\(name)"] = disk.contents(of: "\(directory)/\(name)")
            }
        }
        return found
    }

    /// The maps that somebody asked for of a file of the store, on this disk.
    func maps() throws -> [SimulatedOperation] {
        try simulated.trace.filter { operation in
            operation.kind == .map && (operation.path == path || operation.path.hasPrefix(path + "/"))
        }
    }

    /// The same store on a disk of its own that does not give back these ranges.
    func losing(_ ranges: [LostRange]) throws -> SalvageStore {
        let places = try ranges.map { try place(of: $0.path) }
        let store = try onADiskOfItsOwn()
        for (place, lost) in zip(places, ranges) {
            let range = lost.range.lowerBound + place.offset ..< lost.range.upperBound + place.offset
            try #require(try store.simulated.loseForGood(range, of: place.path))
        }
        return store
    }

    // MARK: What it costs

    /// Whole pages around a range.
    static func pages(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound / pageSize * pageSize ..< (range.upperBound + pageSize - 1) / pageSize * pageSize
    }

    /// The positions that are lost with ranges of a segment. To be asked for before they are.
    func losses(of ranges: [Range<Int>], inSegment number: Int) throws -> Set<UInt64> {
        let commits = commits(ofSegment: number)
        let isHeaderLost = (0 ..< Format.headerCopyCount).allSatisfy { copy in
            let offset = HeaderCopies.offset(ofCopy: copy)
            let sector = offset ..< offset + Format.headerSize
            return ranges.contains { $0.overlaps(sector) }
        }
        if isHeaderLost { return Self.positions(commits) }
        let pages = ranges.map(Self.pages)
        let header = try header(number)
        let isDictionaryLost =
            header.dictionarySize > 0
            && (0 ..< Format.dictionaryCopyCount).allSatisfy { copy in
                let start = SegmentDictionary.offset(ofCopy: copy, in: header)
                return pages.contains { $0.overlaps(start ..< start + header.dictionarySize) }
            }
        let bytes = try bytes(of: segmentPath(number))
        let dictionary = try bytes.withUnsafeBytes { try SegmentDictionary($0.bytes, in: header) }
        return Self.positions(
            try commits.filter { commit in
                if pages.contains(where: { $0.overlaps(commit.offset ..< commit.endOffset) }) { return true }
                guard isDictionaryLost, let dictionary else { return false }
                return try commit.needsDictionary(dictionary, bytes)
            })
    }

    static func positions(_ commits: some Sequence<StoredCommit>) -> Set<UInt64> {
        commits.reduce(into: []) { $0.formUnion($1.positions) }
    }
}
