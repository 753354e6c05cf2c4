// What superblocks and tables of contents say under checksums that hold is not believed where it cannot be.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SingleFileForgeryTests {
    private static let segment = "segments/0000000001.segment"
    private static let other = "segments/0000000002.segment"

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var message: String
        var change: @Sendable (inout SingleFileForgery) throws -> Void
    }

    static let cases = [
        Case(testDescription: "file over the table", message: "lies where the table of contents is") {
            store in
            let index = try store.index(of: "store")
            store.table.entries[index].placement?.offset = store.superblock.tableOffset
        },
        Case(testDescription: "file that ends in the table", message: "lies where the table of contents is") {
            let unit = SingleFileFormat.unitSize
            let place = FileTable.Placement(
                offset: $0.superblock.tableOffset, capacity: 1000 * unit, size: 0)
            let index = try $0.index(of: "store")
            $0.table.entries[index].placement = place
            $0.table.entries.removeAll { ($0.placement?.offset ?? 0) > place.offset }
        },
        Case(testDescription: "two files in one place", message: "overlap") {
            let index = try $0.index(of: segment)
            $0.table.entries[try $0.index(of: other)].placement = $0.table.entries[index].placement
        },
        Case(testDescription: "directory in a file", message: "store/a lies in no directory") {
            $0.table.entries.append(FileTable.Entry(name: "store/a", placement: nil))
        },
        // Where nothing is, a writer would make a file.
        Case(testDescription: "name in what is missing", message: "lies in no directory") {
            let index = try $0.index(of: segment)
            $0.table.entries[index].name += "/a"
        },
        Case(testDescription: "names that differ by their bytes alone", message: "a name that is none") {
            for name in ["\u{e9}", "e\u{301}"] {
                $0.table.entries.append(FileTable.Entry(name: name, placement: nil))
            }
        },
        Case(testDescription: "slash that is part of a character", message: "a name that is none") {
            $0.table.entries.append(FileTable.Entry(name: "segments/\u{301}a", placement: nil))
        },
        Case(testDescription: "generation behind the last", message: "none of its two superblocks holds") {
            $0.superblock.generation = SingleFileFormat.generationMax + 1
        },
        Case(testDescription: "greatest generation", message: "none of its two superblocks holds") {
            $0.superblock.generation = .max
        },
    ]

    @Test(arguments: cases)
    func whatCannotBeIsDamageAndNothingIsWritten(case: Case) throws {
        var store = try SingleFileForgery()
        try `case`.change(&store)
        try store.put()
        let before = store.disk.contents(of: SingleFileForgery.path)
        for access in [LogAccess.readOnly, .openExisting, .createOrOpen] {
            let error = #expect(throws: StoreError.self) { try store.open(access) }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains(`case`.message) == true, "\(String(describing: error))")
        }
        #expect(store.disk.contents(of: SingleFileForgery.path) == before)
    }

    /// Counting on from it would overflow, or lead to a superblock that no reader takes.
    @Test func storeOfTheLastGenerationIsReadAndTakesNoNewName() throws {
        var store = try SingleFileForgery()
        store.superblock.generation = SingleFileFormat.generationMax
        try store.put()
        #expect(try store.open(.readOnly).numbers() == Array(1 ... 8))
        var acknowledged = 8
        #expect(throws: StoreError.self) {
            let log = try store.open(.openExisting)
            for number in 9 ... 30 {
                _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, noise: 20_000)]))
                acknowledged = number
            }
        }
        #expect(acknowledged < 30)
        #expect(try store.open(.readOnly).numbers() == Array(1 ... acknowledged))
    }

    /// A file that is cut inside a unit, or that somebody has appended to: what follows was taken for zeros.
    @Test func newFileBehindStraysBytesHoldsZeros() throws {
        let store = try SingleFileForgery()
        let file = try store.disk.open(SingleFileForgery.path, .readWrite)
        let noise = [UInt8](repeating: 0xA5, count: 5_000)
        try file.write(noise.span.bytes, at: try file.size())
        let path = SingleFileForgery.path
        let inside = SingleFileDisk(path, on: store.disk, isReadOnly: false)
        let lock = try inside.open(path + "/lock", .readWrite)
        try #require(try lock.lockExclusively())
        let size = 512 << 10
        let made = try inside.open(path + "/made", .createNew)
        try made.preallocate(size: size)
        #expect(try made.contents() == [UInt8](repeating: 0, count: size))
    }

    /// What a table states behind the end of the file is missing to a reader; a writer would make the file as large as that,
    /// and goes nowhere.
    @Test(arguments: [0, 1, Int.max / SingleFileFormat.unitSize / 4])
    func placeBehindTheEndOfTheFileIsDamageThatNoWriterActsOn(units: Int) throws {
        var store = try SingleFileForgery()
        let unit = SingleFileFormat.unitSize
        let fileSize = try #require(store.disk.contents(of: SingleFileForgery.path)).count
        let offset = units > 1 ? units * unit : SingleFileFormat.roundedUp(fileSize) + units * unit
        let place = FileTable.Placement(offset: offset, capacity: unit, size: unit)
        store.table.entries.append(FileTable.Entry(name: "stranger", placement: place))
        try store.put()
        let before = store.disk.contents(of: SingleFileForgery.path)
        #expect(try store.open(.readOnly).numbers() == Array(1 ... 8))
        for access in [LogAccess.openExisting, .createOrOpen] {
            let error = #expect(throws: StoreError.self) { try store.open(access) }
            #expect(error?.code == .damaged)
            #expect(
                error?.message.contains("stranger lies up to byte \(offset + unit), and the file ends at")
                    == true)
        }
        #expect(store.disk.contents(of: SingleFileForgery.path) == before)
        let report = try Log.verify(at: SingleFileForgery.path, disk: store.disk)
        #expect(report.findings.map(\.kind) == [.file])
        #expect(report.findings.map(\.subject) == [.tableOfContents])
        #expect(report.findings.first?.reason.contains("stranger lies up to byte") == true)
        #expect(report.eventCount == 8)
        #expect(try Log.salvage(from: SingleFileForgery.path, to: "/other", disk: store.disk).isComplete)
    }

    /// A place of which a part is there is as little what a writer made: it makes the file as long as its places.
    @Test func placeThatEndsBehindTheFileIsDamage() throws {
        var store = try SingleFileForgery()
        let unit = SingleFileFormat.unitSize
        let last = try #require(
            store.table.entries.indices.max {
                (store.table.entries[$0].placement?.offset ?? 0)
                    < (store.table.entries[$1].placement?.offset ?? 0)
            })
        store.table.entries[last].placement?.capacity = Int.max / unit / 4 * unit
        // The table itself may lie behind that file.
        let name = store.table.entries[last].name
        let place = try #require(store.table.entries[last].placement)
        if store.superblock.tableOffset > place.offset {
            store.table.entries[last].placement?.offset = store.superblock.tableOffset + 4 * unit
        }
        try store.put()
        let error = #expect(throws: StoreError.self) { try store.open(.openExisting) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("\(name) lies up to byte") == true)
    }
}
