// The rot of a store in one file: each bit that leads to everything else, and a sample of the rest, one at a time.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SingleFileRotTests {
    private static let path = "/store.recall"

    /// What a store shows, page by page; nil where that is refused as damage.
    private static func events(_ store: SingleFileForgery) throws -> [RecordedEvent]? {
        do {
            let log = try store.open(.readOnly)
            defer { try? log.closeBlocking() }
            return try log.allEvents()
        } catch let error as StoreError {
            #expect(error.code == .damaged, "\(error)")
            return nil
        }
    }

    /// Both superblocks, both copies of the table, and what is used of the watermark page.
    private static func leading(_ store: SingleFileForgery) -> [Int] {
        let tables = (0 ..< 2).map(store.superblock.tableOffset(ofCopy:)).map {
            $0 ..< $0 + store.superblock.tableSize
        }
        let page = SingleFileFormat.watermarkOffset ..< SingleFileFormat.watermarkOffset + 32
        let superblocks = SingleFileFormat.superblockOffsets.map { $0 ..< $0 + Format.headerSize }
        return Array((superblocks + tables + [page]).joined())
    }

    /// Every name that a reader finds, with the size of its file.
    private static func names(_ store: SingleFileForgery) throws -> [String: Int] {
        let inside = SingleFileDisk(path, on: store.disk, isReadOnly: true)
        var result: [String: Int] = [:]
        for directory in ["", "/segments", "/indexes", "/snapshots"] {
            for name in try inside.list(path + directory) {
                let file = "\(path)\(directory)/\(name)"
                guard try inside.kind(of: file) == .file else { continue }
                result[file] = try inside.open(file, .readOnly).size()
            }
        }
        return result
    }

    /// Nothing at all is lost by any of them: every bit for the names, a share of them for the events.
    @Test func flippedBitOfWhatLeadsToTheFilesCostsNothing() throws {
        let store = try SingleFileForgery()
        let whole = try #require(try Self.events(store))
        let names = try Self.names(store)
        try #require(names.count > 4)
        let share = max(1, 4_000 / TestEffort.percent)
        for (number, place) in Self.leading(store).enumerated() {
            for bit in 0 ..< 8 {
                store.disk.corrupt(Self.path, at: place, bit: bit)
                #expect(try Self.names(store) == names, "bit \(bit) of byte \(place)")
                if (number * 8 + bit) % share == 0 || share == 1 {
                    #expect(try Self.events(store) == whole, "bit \(bit) of byte \(place)")
                }
                store.disk.corrupt(Self.path, at: place, bit: bit)
            }
        }
    }

    /// Nor does it keep a writer from going on, which writes the superblocks anew.
    @Test func writerGoesOnBehindAFlippedBitOfWhatLeadsToTheFiles() throws {
        let store = try SingleFileForgery()
        let step = max(1, 1_900 / TestEffort.percent)
        for (number, place) in Self.leading(store).enumerated() where number % step == 0 {
            let found = store.disk.crashKeepingEverything()
            found.corrupt(Self.path, at: place, bit: number / step % 8)
            let copy = SingleFileForgery(found, like: store)
            let log = try copy.open(.openExisting)
            _ = try log.appendBlocking(Commit(events: [Story.event(9, of: 1)]))
            try log.closeBlocking()
            #expect(try copy.open(.readOnly).numbers() == Array(1 ... 9), "byte \(place)")
            #expect(try Log.verify(at: Self.path, disk: found).isWhole, "byte \(place)")
        }
    }

    /// Everywhere else: all is shown, or what is lost is named; never is another event shown.
    @Test func flippedBitOfAFileIsFoundAndNeverBelieved() throws {
        let store = try SingleFileForgery()
        let whole = try #require(try Self.events(store))
        let size = try #require(store.disk.contents(of: Self.path)).count
        var lostCount = 0
        var random = SeededGenerator(seed: 1)
        let step = max(1, 100_000 / TestEffort.percent)
        for start in stride(from: SingleFileFormat.headSize, to: size, by: step) {
            let offset = min(start + Int.random(in: 0 ..< step, using: &random), size - 1)
            let bit = Int.random(in: 0 ..< 8, using: &random)
            store.disk.corrupt(Self.path, at: offset, bit: bit)
            let shown = try Self.events(store)
            #expect(shown == nil || shown == whole, "bit \(bit) of byte \(offset)")
            let report = try Log.verify(at: Self.path, disk: store.disk)
            if shown == nil {
                lostCount += 1
                #expect(report.findings.contains { $0.positions != nil }, "bit \(bit) of byte \(offset)")
            } else {
                #expect(report.eventCount == whole.count, "bit \(bit) of byte \(offset)")
            }
            store.disk.corrupt(Self.path, at: offset, bit: bit)
        }
        if TestEffort.isWhole { #expect(lostCount > 20) }
        #expect(try Self.events(store) == whole)
    }
}
