// A frame whose checksum holds at its place was written there by this store: it is proof by itself, whether its content can be
// read or not, and nothing that it proves is ever written over.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct HeldFrameTests {
    /// A process was killed, and one bad block held both copies of the last segment's dictionary. The commits behind could
    /// not be read, so that opening took them for a torn end, though each was synced and held: a replay ended early with
    /// success, and the next append wrote over the rest.
    @Test(arguments: Bench.Kind.allCases)
    func commitsBehindALostDictionaryAreNotWrittenOver(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .commit, count: 300, noise: 700)
        defer { store.bench.remove() }
        try #require(store.header.dictionarySize > 0 && store.commits.count > 3)
        for copy in [0, 1] {
            try store.rot(at: SegmentDictionary.offset(ofCopy: copy, in: store.header) + 40)
        }
        let before = try store.bytes()
        let first = store.header.firstPosition

        let refused = #expect(throws: StoreError.self) { try store.bench.open() }
        #expect(refused?.code == .damaged)
        let lost = try #require(refused?.damagedPositions)
        #expect(lost.lowerBound.rawValue >= first)
        let reader = try store.bench.open(.readOnly)
        let error = #expect(throws: StoreError.self) { try reader.allEvents() }
        #expect(error?.code == .damaged)
        #expect(try reader.lastPositionBlocking().rawValue == UInt64(store.eventCount))
        let report = try Log.verify(at: store.bench.path, disk: store.bench.disk)
        let found = report.findings.compactMap(\.positions)
        #expect(found.first?.lowerBound == lost.lowerBound)
        #expect(found.last?.upperBound.rawValue == UInt64(store.eventCount))
        #expect(try store.bytes() == before)
    }

    /// What a newer program wrote was taken for a torn end: read up to there with success, and written over by the next append.
    enum Newer: String, CaseIterable {
        case kind, codec, codecOfAClose, watermark, flag

        /// The head of a frame that this program does not know.
        var head: UInt8 {
            switch self {
            case .kind: 6 | 1 << 5
            case .codec: 1 | 3 << 3 | 1 << 5
            case .codecOfAClose: 4 | 1 << 3 | 1 << 5
            case .watermark: 1 | 3 << 5
            case .flag: 5 | 1 << 5 | 1 << 7
            }
        }
    }

    @Test(arguments: Newer.allCases, Bench.Kind.allCases)
    func frameOfANewerProgramIsRefusedAndNotTorn(_ newer: Newer, kind: Bench.Kind) throws {
        for isBehindATornOne in [false, true] {
            let store = try KilledStore(kind, durability: .system)
            defer { store.bench.remove() }
            let frame = try #require(store.frames.last)
            var bytes = Array(try store.bytes()[frame.offset ..< frame.endOffset])
            bytes[Format.frameHeadOffset] = newer.head
            try store.put(TestFrame.sealed(bytes, at: frame.offset, in: store.header), at: frame.offset)
            if isBehindATornOne { try store.rot(at: store.frames[store.frames.count - 2].offset + 12) }
            let before = try store.bytes()
            for access in [LogAccess.readOnly, .openExisting] {
                let error = #expect(throws: StoreError.self) { try store.bench.open(access) }
                #expect(error?.code == .unsupported)
                #expect(error?.message.contains("newer") == true)
            }
            let error = #expect(throws: StoreError.self) {
                try Log.verify(at: store.bench.path, disk: store.bench.disk)
            }
            #expect(error?.code == .unsupported)
            #expect(try store.bytes() == before)
        }
    }

    /// A reader followed a writer that was newer than itself. At the first frame that it did not know it stopped without a word, and showed
    /// its application the same last event for ever.
    @Test(arguments: Newer.allCases, Bench.Kind.allCases)
    func followerSaysThatTheWriterIsNewer(_ newer: Newer, kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let writer = try bench.open()
        _ = try writer.appendBlocking(Story.commit(1 ... 1, of: 1))
        let reader = try bench.open(.readOnly)
        #expect(try reader.lastPositionBlocking() == 1)
        for number in 2 ... 3 { _ = try writer.appendBlocking(Story.commit(number ... number, of: 1)) }
        let tail = try KilledStore.tail(of: bench)
        let frame = try #require(KilledStore.frames(of: tail).last)
        var bytes = tail.withBytes { bytes in
            (frame.offset ..< frame.endOffset).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        bytes[Format.frameHeadOffset] = newer.head
        let sealed = TestFrame.sealed(bytes, at: frame.offset, in: tail.header)
        let file = try bench.files.open("\(bench.path)/segments/0000000001.segment", .readWrite)
        try file.write(sealed.span.bytes, at: frame.offset)
        // What stands before it is told first.
        #expect(try reader.lastPositionBlocking() == 2)
        for _ in 1 ... 2 {
            let error = #expect(throws: StoreError.self) { try reader.lastPositionBlocking() }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("newer") == true)
        }
    }

    /// The last sector of a store that had been closed cleanly went bad, and with it both marks. Its index told that there had been
    /// more; opening threw it away, and the last commits were gone without a word.
    @Test(arguments: [Bench.Kind.simulated, .real])
    func indexOfACleanCloseProvesThatThereWasMore(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .system)
        defer { store.bench.remove() }
        let log = try store.bench.open { $0.checkpointFrameCountMin = 1 }
        _ = try log.appendBlocking(Story.commit(100 ... 109, of: 1))
        try log.close()
        let frames = try KilledStore.frames(of: KilledStore.tail(of: store.bench))
        let last = try #require(frames.last { $0.kind == .commit })
        let end = try #require(frames.last).endOffset
        try store.put([UInt8](repeating: 0, count: end - last.offset), at: last.offset)
        let marks = try store.bench.files.open(store.bench.path + "/store", .readWrite)
        for offset in Format.markOffsets { try marks.write([1, 2, 3].span.bytes, at: offset + 20) }

        let error = #expect(throws: StoreError.self) { try store.bench.open() }
        #expect(error?.code == .damaged)
        #expect(error?.damagedPositions == 41 ... 50)
        let reader = try store.bench.open(.readOnly)
        #expect(throws: StoreError.self) { try reader.allEvents() }
        #expect(
            try Log.verify(at: store.bench.path, disk: store.bench.disk).findings.contains {
                $0.positions == 41 ... 50
            })
    }

    /// What a seal states of its segment was written and never compared, so that a reader who relied on it was misled.
    @Test(arguments: Bench.Kind.allCases)
    func sealThatCountsOtherFramesIsFound(_ kind: Bench.Kind) throws {
        let store = try KilledStore(kind, durability: .commit, count: 300, noise: 700)
        defer { store.bench.remove() }
        let layout = DirectoryLayout(path: store.bench.path, disk: store.bench.files, isReadOnly: true)
        let storeID = try #require(try layout.readStoreHeader()).storeID
        let first = try layout.openSegment(1, storeID: storeID)
        let seal = try #require(KilledStore.frames(of: first).last)
        try #require(seal.kind == .seal)
        #expect(try Log.verify(at: store.bench.path, disk: store.bench.disk).findings.isEmpty)
        let bytes = TestFrame.seal(at: seal.offset, position: seal.nextPosition, in: first.header)
        let file = try store.bench.files.open("\(store.bench.path)/segments/0000000001.segment", .readWrite)
        try file.write(bytes.span.bytes, at: seal.offset)
        let findings = try Log.verify(at: store.bench.path, disk: store.bench.disk).findings
        #expect(findings.map(\.offset) == [seal.offset])
        #expect(findings.first?.reason.hasPrefix("the seal states") == true)
    }

    // MARK: The search behind damage

    /// A segment whose bytes somebody had chosen made opening compute the checksum of half of it at each place: days for 64 MiB.
    @Test func searchBehindDamageGoesOverEachByteAFewTimes() throws {
        let bench = try Bench(.simulated, segmentBytesMax: 256 << 10)
        do {
            let log = try bench.open { $0.firstSegmentBytes = 256 << 10 }
            _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
            try log.close()
        }
        let path = "/store/segments/0000000001.segment"
        let tail = try KilledStore.tail(of: bench)
        let end = try #require(KilledStore.frames(of: tail).last).endOffset
        let size = tail.header.capacity
        // At every tenth byte a commit of the size of what follows, as far as that goes, and of a position that can be.
        var chosen: [UInt8] = []
        while end + chosen.count + 10 < size {
            let claimed = size - end - chosen.count
            chosen += [7, 7, 7, 7, 0x21]
            chosen += [UInt8(claimed & 0x7F | 0x80), UInt8(claimed >> 7 & 0x7F | 0x80), UInt8(claimed >> 14)]
            chosen += [0, 2]
        }
        try bench.disk.open(path, .readWrite).write(chosen.span.bytes, at: end)
        let walk = try SegmentWalk(
            KilledStore.tail(of: bench), from: IndexCoverage(startOf: tail.header)
        ) { _, _ in }
        #expect(walk.ending == .torn)
        #expect(walk.searchedByteCount > size)
        #expect(walk.searchedByteCount < 32 * size)
        #expect(try bench.open().numbers() == [1])
    }

    @Test func checksumsOfPartsAreThoseOfTheirBytes() {
        var random = SeededGenerator(seed: 14)
        let bytes = (0 ..< 9_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        for start in [0, 1, 300] {
            var ranges = ChecksumRanges(from: start)
            for _ in 0 ..< 300 {
                let first = Int.random(in: start ..< bytes.count, using: &random)
                let last = Int.random(in: first ... bytes.count, using: &random)
                let seed = UInt32.random(in: .min ... .max, using: &random)
                let expected = Checksum.crc32c(bytes.span.bytes.extracting(first ..< last), after: seed)
                #expect(ranges.checksum(bytes.span.bytes, first ..< last, after: seed) == expected)
            }
        }
    }
}
