// A medium that does not give back what was written: a salvage goes on around it, copies every event outside, and says what
// it could not read. A map of such bytes would be a signal, so none may be made of anything that it looks at.

import Recall
import RecallLog
import RecallTestKit
import Testing

/// A range that a medium does not give back.
struct LostRange: Sendable {
    /// A file of the store, by its path in a directory; the path of the store itself for the one file.
    var path: String
    var range: Range<Int>
}

/// What a salvage says that it could not read.
struct UnreadableNote: Hashable, Sendable {
    var segment: UInt64?
    var offset: Int?
    var count: Int?

    static func all(in report: SalvageReport) -> Set<UnreadableNote> {
        Set(
            report.notes.filter { $0.unreadableByteCount != nil }.map {
                UnreadableNote(segment: $0.segment, offset: $0.offset, count: $0.unreadableByteCount)
            })
    }
}

/// One way in which a medium fails under the files of a store, whatever its layout.
struct MediaLoss: Sendable, CustomTestStringConvertible {
    struct Outcome: Sendable {
        var ranges: [LostRange]
        var lost: Set<UInt64> = []
        var notes: Set<UnreadableNote> = []
        /// The segment that cannot be read at all.
        var headless: UInt64?
    }

    let testDescription: String
    /// Looks at a store that is whole and says what is to be lost of it.
    let find: @Sendable (SalvageStore) throws -> Outcome

    /// Ranges of one segment, each of which is read as whole pages.
    private static func pages(
        _ name: String, _ find: @escaping @Sendable (SalvageStore) throws -> (Int, [Range<Int>])
    ) -> MediaLoss {
        MediaLoss(testDescription: name) { store in
            let (segment, ranges) = try find(store)
            return Outcome(
                ranges: ranges.map { LostRange(path: store.segmentPath(segment), range: $0) },
                lost: try store.losses(of: ranges, inSegment: segment),
                notes: Set(
                    ranges.map(SalvageStore.pages).map {
                        UnreadableNote(segment: UInt64(segment), offset: $0.lowerBound, count: $0.count)
                    }))
        }
    }

    /// Ranges of a segment of which both headers are lost.
    private static func headless(
        _ name: String, _ find: @escaping @Sendable (SalvageStore) -> (Int, Range<Int>)
    ) -> MediaLoss {
        MediaLoss(testDescription: name) { store in
            let (segment, range) = find(store)
            return Outcome(
                ranges: [LostRange(path: store.segmentPath(segment), range: range)],
                lost: SalvageStore.positions(store.commits(ofSegment: segment)),
                notes: [
                    UnreadableNote(segment: UInt64(segment), offset: 0, count: Format.headerCopiesSize)
                ], headless: UInt64(segment))
        }
    }

    private static let page = SalvageStore.pageSize

    static let all: [MediaLoss] = [
        headless("both headers") { _ in (2, 0 ..< Format.headerCopiesSize) },
        headless("both headers of the last segment") { ($0.segmentCount, 0 ..< Format.headerCopiesSize) },
        headless("a whole segment") { _ in (2, 0 ..< 64 << 10) },
        pages("the sector of the first header") { _ in (2, [0 ..< Format.headerSize]) },
        pages("the sector of the second header") { _ in
            (2, [HeaderCopies.offset(ofCopy: 1) ..< Format.headerCopiesSize])
        },
        pages("a page in the midst of frames") { _ in (2, [9 * page ..< 10 * page]) },
        pages("one byte in the midst of frames") { _ in (3, [9 * page + 77 ..< 9 * page + 78]) },
        pages("neighbours, and another page") { _ in (2, [8 * page ..< 11 * page, 13 * page ..< 14 * page]) },
        pages("a page in the midst of the last segment") { ($0.segmentCount, [5 * page ..< 6 * page]) },
        pages("the last frames of a sealed segment") { store in
            let last = try #require(store.commits(ofSegment: 1).last)
            return (1, [SalvageStore.pages(last.endOffset - 1 ..< last.endOffset + 40)])
        },
        pages("the last frames of the store") { store in
            let last = try #require(store.commits.last)
            return (store.segmentCount, [SalvageStore.pages(last.offset ..< last.endOffset + 60)])
        },
        pages("all frames of the last segment") { store in
            (store.segmentCount, [SalvageStore.pages(page ..< 64 << 10)])
        },
        pages("the unused rest of the last segment") { ($0.segmentCount, [(64 << 10) - page ..< 64 << 10]) },
        pages("both copies of a dictionary") { store in
            let header = try store.header(2)
            try #require(header.dictionarySize > 0)
            return (2, [Format.headerCopiesSize ..< header.framesOffset])
        },
        pages("a copy of a dictionary") { store in
            let header = try store.header(2)
            let start = SegmentDictionary.offset(ofCopy: 1, in: header)
            return (2, [start + header.dictionarySize / 2 ..< start + header.dictionarySize / 2 + 1])
        },
        MediaLoss(testDescription: "both copies of the store's header") { store in
            Outcome(
                ranges: [LostRange(path: store.path + "/store", range: 0 ..< Format.headerCopiesSize)],
                notes: [UnreadableNote(segment: nil, offset: 0, count: Format.headerCopiesSize)])
        },
        MediaLoss(testDescription: "the first copy of the store's header") { store in
            Outcome(
                ranges: [LostRange(path: store.path + "/store", range: 100 ..< 101)],
                notes: [UnreadableNote(segment: nil, offset: 0, count: Format.headerSize)])
        },
        MediaLoss(testDescription: "indexes, and what the lock carries") { store in
            let names = try store.inside.list(store.path + "/indexes")
            try #require(!names.isEmpty)
            let lock =
                store.bench.kind.isFile
                ? LostRange(path: store.path, range: page ..< 2 * page)
                : LostRange(path: store.path + "/lock", range: 0 ..< page)
            return Outcome(
                ranges: names.map { LostRange(path: "\(store.path)/indexes/\($0)", range: 0 ..< page) }
                    + [lock])
        },
    ]
}

@Suite struct SalvageMediaTests {
    private static let kinds = Bench.Kind.allCases.filter(\.isSimulated)

    /// Salvages a store of which ranges are lost, and checks everything that is said of it.
    @discardableResult
    private static func salvage(
        _ store: SalvageStore, _ ranges: [LostRange], lost: Set<UInt64>, notes: Set<UnreadableNote>
    ) throws -> SalvageReport {
        let store = try store.losing(ranges)
        let before = try store.rawContents()
        let report = try Log.salvage(from: store.path, to: store.destination, disk: store.disk)
        let isUntouched = try store.rawContents() == before
        #expect(isUntouched)
        #expect(try store.maps().isEmpty)
        try SalvageCheck.check(store, lost: lost, report, "\(report.losses) \(report.notes)")
        #expect(UnreadableNote.all(in: report) == notes, "\(report.notes)")
        for note in report.notes where note.unreadableByteCount != nil {
            #expect(note.reason.contains(store.path), "\(note.reason)")
        }
        return report
    }

    @Test(arguments: MediaLoss.all, kinds)
    func everyEventOutsideIsCopiedAndTheRangeIsNoted(loss: MediaLoss, kind: Bench.Kind) throws {
        let store = try SalvageStore(kind)
        try #require(store.segmentCount >= 4)
        let outcome = try loss.find(store)
        try Self.salvage(store, outcome.ranges, lost: outcome.lost, notes: outcome.notes)
    }

    /// Nothing tells of events behind the last that holds, so the report must not say that none are lost. Where the store was closed, its
    /// mark tells, and that more may have followed is a note.
    @Test(arguments: kinds)
    func howFarTheEventsWentIsNotKnownWhereTheLastAreLost(kind: Bench.Kind) throws {
        for (isClosed, isReachingOn) in [(true, true), (false, true), (false, false)] {
            let store = try SalvageStore(kind, isClosed: isClosed)
            let last = try #require(store.commits.last)
            let start = isReachingOn ? last.offset : last.endOffset - 1
            let range = SalvageStore.pages(start ..< last.endOffset + 60)
            let lost = try store.losses(of: [range], inSegment: store.segmentCount)
            let report = try Self.salvage(
                store, [LostRange(path: store.segmentPath(store.segmentCount), range: range)], lost: lost,
                notes: [
                    UnreadableNote(
                        segment: UInt64(store.segmentCount), offset: range.lowerBound, count: range.count)
                ])
            #expect(report.losses.count == 1)
            #expect(report.losses.first?.firstPosition?.rawValue == lost.min())
            #expect(report.losses.first?.lastPosition?.rawValue == (isClosed ? lost.max() : nil))
            #expect(report.losses.first?.reason.contains("medium") == true)
            #expect(report.notes.contains { $0.reason.contains("where the events end") } == isClosed)
        }
    }

    /// No later frame vouches for what was not synced before a crash, so that damage there may be a torn end. What follows it may have
    /// been acknowledged all the same, and is copied, as it is behind what the medium does not give back.
    @Test(arguments: kinds)
    func framesBehindALossInTheLastGroupAreCopied(kind: Bench.Kind) throws {
        let store = try SalvageStore(kind, durability: .system, isClosed: false)
        let commits = store.commits(ofSegment: store.segmentCount)
        let hurt = commits[commits.count / 2]
        let torn = try store.onADiskOfItsOwn()
        let place = try torn.place(of: torn.segmentPath(torn.segmentCount))
        try torn.simulated.corrupt(place.path, at: place.offset + hurt.offset + 20, bit: 3)
        let cut = try Log.salvage(from: torn.path, to: torn.destination, disk: torn.disk)
        #expect(cut.losses.map(\.firstPosition) == [Position(hurt.positions.lowerBound)])
        #expect(cut.losses.map(\.lastPosition) == [Position(hurt.positions.upperBound)])
        #expect(cut.eventCount == store.commits.reduce(0) { $0 + $1.events.count } - hurt.events.count)

        let range = SalvageStore.pages(hurt.offset ..< hurt.offset + 1)
        let lost = try store.losses(of: [range], inSegment: store.segmentCount)
        let last = try #require(store.commits.last)
        try #require(lost.contains(hurt.positions.lowerBound) && !lost.contains(last.positions.lowerBound))
        try Self.salvage(
            store, [LostRange(path: store.segmentPath(store.segmentCount), range: range)], lost: lost,
            notes: [
                UnreadableNote(
                    segment: UInt64(store.segmentCount), offset: range.lowerBound, count: range.count)
            ])
    }

    // MARK: What leads to the files of a single-file store

    /// Copies of the superblock and of the table of contents.
    static let leading: [[LeadingCopy]] = [
        [.evenSuperblock], [.oddSuperblock], [.firstTable], [.secondTable],
        [.evenSuperblock, .oddSuperblock], [.firstTable, .secondTable], [.evenSuperblock, .firstTable],
        [.evenSuperblock, .oddSuperblock, .firstTable, .secondTable],
    ]

    @Test(arguments: leading, [false, true])
    func whatLeadsToTheFilesIsDamagedAndNotTheEnd(copies: [LeadingCopy], isSegmentHurt: Bool) throws {
        let store = try SalvageStore(.simulatedFile)
        let segment = LostRange(
            path: store.segmentPath(2), range: 9 * SalvageStore.pageSize ..< 10 * SalvageStore.pageSize)
        let lost = isSegmentHurt ? try store.losses(of: [segment.range], inSegment: 2) : []
        let places = try copies.map { try $0.place(in: store.path, on: store.disk) }
        var notes = Set(places.map { UnreadableNote(segment: nil, offset: $0.lowerBound, count: $0.count) })
        let isSearched = copies.contains(.oddSuperblock) && copies.contains(.evenSuperblock)
        let areTablesLost = copies.contains(.firstTable) && copies.contains(.secondTable)
        if isSearched || areTablesLost {
            // Without a superblock, nothing leads to the tables.
            notes = Set(
                places.filter { $0.lowerBound < SingleFileFormat.headSize }.map {
                    UnreadableNote(segment: nil, offset: $0.lowerBound, count: $0.count)
                })
            for place in areTablesLost ? places.suffix(2) : [] {
                let unit = places.suffix(2)[places.count - 2].lowerBound
                let lost = place.lowerBound + 20 - unit
                // Where a header could begin, in sectors.
                let sector = unit + lost / 512 * 512 ..< unit + lost / 512 * 512 + 512
                let isLookedAt = lost < Format.headerCopiesSize
                if isSearched, !isLookedAt { continue }
                let start =
                    isSearched
                    ? sector.lowerBound : min(place.lowerBound, isLookedAt ? sector.lowerBound : .max)
                let end =
                    isSearched ? sector.upperBound : max(place.upperBound, isLookedAt ? sector.upperBound : 0)
                notes.insert(UnreadableNote(segment: nil, offset: start, count: end - start))
            }
        }
        if isSegmentHurt {
            notes.insert(
                UnreadableNote(segment: 2, offset: segment.range.lowerBound, count: segment.range.count))
        }
        let ranges =
            places.map { LostRange(path: store.path, range: $0.lowerBound + 20 ..< $0.lowerBound + 21) }
            + (isSegmentHurt ? [segment] : [])
        let report = try Self.salvage(store, ranges, lost: lost, notes: notes)
        let isFound = report.notes.contains { $0.reason.contains("found by their headers") }
        #expect(isFound == (isSearched || areTablesLost))
    }

    /// Each header is looked for by itself.
    @Test func segmentWhoseHeaderIsLostIsNotFoundAndListed() throws {
        let store = try SalvageStore(.simulatedFile)
        let offset = try store.place(of: store.segmentPath(2)).offset
        let superblocks = [LeadingCopy.evenSuperblock, .oddSuperblock]
        let places =
            try superblocks.map { try $0.place(in: store.path, on: store.disk) } + [
                offset ..< offset + Format.headerCopiesSize
            ]
        let report = try Self.salvage(
            store, places.map { LostRange(path: store.path, range: $0) },
            lost: SalvageStore.positions(store.commits(ofSegment: 2)),
            notes: Set(places.map { UnreadableNote(segment: nil, offset: $0.lowerBound, count: $0.count) }))
        #expect(report.losses.map(\.segment) == [2])
    }

    /// A writer takes the other superblock, and writes both.
    @Test(arguments: [LeadingCopy.evenSuperblock, .oddSuperblock])
    func superblockThatIsLostDoesNotKeepAStoreFromBeingUsed(copy: LeadingCopy) throws {
        let store = try SalvageStore(.simulatedFile).onADiskOfItsOwn()
        let place = try copy.place(in: store.path, on: store.disk)
        try store.simulated.loseForGood(place, of: store.path)
        let report = try Log.verify(at: store.path, disk: store.disk)
        #expect(report.findings.map(\.subject) == [.superblock])
        #expect(report.findings.map(\.offset) == [place.lowerBound])
        let log = try Log.openBlocking(at: store.path, disk: store.disk)
        let receipt = try log.appendBlocking(Story.commit(99_999 ... 99_999, of: 1))
        #expect(receipt.lastPosition.rawValue == (store.commits.last?.positions.upperBound ?? 0) + 1)
        try log.closeBlocking()
    }
}
