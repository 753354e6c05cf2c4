// Index files by themselves: what they answer, how little a look-up touches, and that no bytes make them
// answer wrongly.

import RecallLog
import RecallTestKit
import Testing

@Suite struct IndexFileTests {
    private func check(_ file: IndexFile, _ model: IndexModel, _ segments: ClosedRange<Int>) throws {
        let commits = model.commits.filter { segments.contains($0.segment) }
        let ids = Set(commits.flatMap(\.aggregates))
        #expect(file.aggregateCount == ids.count)
        #expect(file.eventIDCount == commits.reduce(0) { $0 + $1.events.count })
        for id in ids {
            let found = try #require(try file.aggregate(id))
            #expect(found.entry == model.last(id, in: segments))
            let references = try file.references(of: found).map { try file.reference(at: $0) }
            #expect(references == model.references(to: id, in: segments))
        }
        for commit in commits {
            let reference = IndexReference(
                ordinal: UInt32(commit.segment - segments.lowerBound), offset: UInt32(commit.offset))
            for id in commit.events {
                #expect(try file.mayHold(id))
                #expect(try file.references(toEvent: id).contains(reference))
            }
            let before = try file.offset(before: commit.position, inSegment: reference.ordinal)
            #expect(before.map { $0 <= commit.offset && commit.offset - $0 < 8192 } ?? false)
        }
        #expect(try file.aggregate(RawIdentifier(high: 1, low: 1 << 40)) == nil)
        try file.verify()
    }

    @Test(arguments: ActiveIndexTests.kinds.indices)
    func fileAnswersAsTheModelDoes(kind: Int) throws {
        let model = IndexModel(
            segmentCount: 1, commitCount: 1500, aggregateCount: 300,
            aggregateID: ActiveIndexTests.kinds[kind].1)
        try check(
            IndexModel.file([.active(model.active(0))], of: model.headers).file, model, 0 ... 0)
    }

    @Test func fileOfNothingAnswersNothing() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 0, aggregateCount: 1)
        let file = try IndexModel.file([.active(model.active(0))], of: model.headers).file
        try check(file, model, 0 ... 0)
        #expect(try !file.mayHold(RawIdentifier(high: 0, low: 0)))
    }

    @Test(arguments: 1 ... 5)
    func mergedFilesAnswerAsTheModelDoes(seed: UInt64) throws {
        let model = IndexModel(segmentCount: 6, commitCount: 300, aggregateCount: 90, seed: seed)
        let singles = try model.headers.indices.map {
            try IndexModel.file([.active(model.active($0))], of: [model.headers[$0]]).file
        }
        let front = try IndexModel.file(singles[1 ... 3].map { .file($0) }, of: model.headers[1 ... 3]).file
        try check(front, model, 1 ... 3)
        let all = try IndexModel.file(
            [.file(singles[0]), .file(front), .file(singles[4]), .active(model.active(5))], of: model.headers)
        try check(all.file, model, 0 ... 5)
        #expect(all.file.coverage == model.active(5).coverage)
    }

    /// The index of a closed tail and what came later make the same file as all of it at once.
    @Test func fileOfTwoPartsIsTheFileOfTheWhole() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 500, aggregateCount: 40)
        let whole = try IndexModel.file([.active(model.active(0))], of: model.headers)
        for cut in [0, 1, 17, 250, 498] {
            let base = try IndexModel.file([.active(model.active(0, through: cut))], of: model.headers).file
            let rest = model.active(0, from: cut + 1, behind: base.coverage)
            let made = try IndexModel.file([.file(base), .active(rest)], of: model.headers)
            #expect(made.disk.contents(of: "/index") == whole.disk.contents(of: "/index"), "cut at \(cut)")
        }
    }

    // MARK: What a look-up touches

    @Test func openingTouchesOneBlock() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 5000, aggregateCount: 3000)
        let file = try IndexModel.file([.active(model.active(0))], of: model.headers).file
        #expect(file.verifiedBlockCount == 1)
    }

    @Test func newIDInTheOrderOfTimeTouchesNoBlock() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 5000, aggregateCount: 3000)
        let file = try IndexModel.file([.active(model.active(0))], of: model.headers).file
        for number in 0 ..< 10_000 {
            #expect(try !file.mayHold(IndexModel.timed(1_000_000 + number)))
        }
        #expect(file.verifiedBlockCount == 1)
    }

    @Test func idsThatAreNotThereRarelyPassTheFilter() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 20_000, aggregateCount: 10_000)
        let (disk, _, _) = try IndexModel.file([.active(model.active(0))], of: model.headers)
        let handle = try disk.open("/index", .readOnly)
        let map = try handle.map(count: try handle.size(), isWritable: false)
        var random = SeededGenerator(seed: 9)
        var passedCount = 0
        let last = IndexModel.timed(Int(model.commits.last?.position ?? 1))
        for _ in 0 ..< 2000 {
            let file = try IndexFile(map, of: model.headers)
            // Between the least and the greatest, and not one of them.
            let id = RawIdentifier(high: last.high - 1, low: random.next())
            _ = try file.mayHold(id)
            #expect(file.verifiedBlockCount >= 2)
            if file.verifiedBlockCount > 2 { passedCount += 1 }
        }
        #expect(passedCount < 40)
    }

    @Test func aggregateIsFoundInAFewBlocks() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 40_000, aggregateCount: 20_000)
        let (_, map, _) = try IndexModel.file([.active(model.active(0))], of: model.headers)
        var touchedCount = 0
        let ids = model.aggregates.prefix(500)
        for id in ids {
            let file = try IndexFile(map, of: model.headers)
            #expect(try file.aggregate(id) != nil)
            touchedCount += file.verifiedBlockCount - 1
        }
        // One of the filter; of the aggregates two as a rule.
        #expect(Double(touchedCount) / Double(ids.count) < 3.5)
    }

    // MARK: Bytes that are not what was written

    @Test func damageInAnyBlockIsFoundOut() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 600, aggregateCount: 200)
        let (disk, map, _) = try IndexModel.file([.active(model.active(0))], of: model.headers)
        for block in 0 ..< map.count / IndexFormat.blockSize {
            for offset in [0, 700, 4090, 4095] {
                let place = block * IndexFormat.blockSize + offset
                disk.corrupt("/index", at: place, bit: 5)
                #expect(throws: FormatError.self, "block \(block) at \(offset)") {
                    try IndexFile(map, of: model.headers).verify()
                }
                // What is answered all the same is right.
                if let file = try? IndexFile(map, of: model.headers) {
                    for id in model.aggregates {
                        guard let found = try? file.aggregate(id) else { continue }
                        #expect(found.entry == model.last(id, in: 0 ... 0))
                    }
                }
                disk.corrupt("/index", at: place, bit: 5)
            }
        }
        try IndexFile(map, of: model.headers).verify()
    }

    @Test func fileOfOtherSegmentsIsRefused() throws {
        let model = IndexModel(segmentCount: 3, commitCount: 20, aggregateCount: 5)
        let (_, map, _) = try IndexModel.file(
            model.headers.indices.map { .active(model.active($0)) }, of: model.headers)
        var other = model.headers
        other[1].salt += 1
        #expect(throws: FormatError.self) { try IndexFile(map, of: other) }
        #expect(throws: FormatError.self) { try IndexFile(map, of: model.headers.dropLast()) }
        #expect(throws: FormatError.self) { try IndexFile(map, of: model.headers.dropFirst()) }
        var moved = model.headers
        moved[0].storeID.low += 1
        #expect(throws: FormatError.self) { try IndexFile(map, of: moved) }
    }

    /// Fuzzing found a header, under a checksum that held, whose epoch was greater than that of the index of its segment. The
    /// next session took its epoch from the index, and its opening frame, which counts from the header's, stopped the process.
    @Test func fileWhoseEpochIsBeforeItsSegmentsIsRefused() throws {
        let model = IndexModel(segmentCount: 1, commitCount: 20, aggregateCount: 5)
        let (_, map, file) = try IndexModel.file([.active(model.active(0))], of: model.headers)
        var later = model.headers
        later[0].epoch = file.coverage.epoch
        #expect(throws: Never.self) { try IndexFile(map, of: later) }
        later[0].epoch += 1
        #expect(throws: FormatError.self) { try IndexFile(map, of: later) }
    }

    /// Counts and places that a file claims are believed only as far as the file goes, even where all
    /// checksums hold.
    @Test(arguments: 0 ..< 6)
    func countsThatAreNotTheFilesOwnAreRefused(section: Int) throws {
        let model = IndexModel(segmentCount: 1, commitCount: 600, aggregateCount: 200)
        let (disk, map, _) = try IndexModel.file([.active(model.active(0))], of: model.headers)
        let bytes = try #require(disk.contents(of: "/index"))
        for field in [0, 8] {
            let place = 136 + 16 * section + field
            let own = bytes[place ..< place + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            for value in [own &+ 1, own &- 1, own + 4096, UInt64(UInt32.max), 1 << 32, 1 << 62, .max] {
                let file = try disk.open("/index", .readWrite)
                var writer = ByteWriter()
                bytes.withUnsafeBytes { writer.bytes(UnsafeRawBufferPointer(rebasing: $0[..<508])) }
                for half in 0 ..< 2 {
                    writer.replace(
                        UInt32(truncatingIfNeeded: value >> UInt64(32 * half)), at: place + 4 * half)
                }
                HeaderSector.finish(&writer)
                try writer.withBytes { try file.write($0, at: 0) }
                try sealFirstBlock(file, model)
                // A count that is less by a few may fill as many blocks: then what is found is still right.
                guard let changed = try? IndexFile(map, of: model.headers) else { continue }
                #expect(field == 8 && value &- own &+ 1 <= 2, "section \(section), value \(value)")
                for id in model.aggregates {
                    guard let found = try? changed.aggregate(id) else { continue }
                    _ = try? changed.references(of: found).map { try changed.reference(at: $0) }
                }
                for commit in model.commits { for id in commit.events { _ = try? changed.mayHold(id) } }
            }
        }
    }

    /// Makes the checksum of the first block hold. Layout: docs/format.md, "Indexes".
    private func sealFirstBlock(_ file: any DiskFile, _ model: IndexModel) throws {
        let block = try DiskBytes.read(file, count: IndexFormat.blockContentSize)
        var seed = ByteWriter()
        let digest = block.withBytes { bytes in
            UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 48, as: UInt32.self))
        }
        seed.integer(digest)
        seed.integer(UInt32(0))
        let before = seed.withBytes { Checksum.crc32c($0) }
        var sum = ByteWriter()
        sum.integer(block.withBytes { Checksum.crc32c($0, after: before) })
        try sum.withBytes { try file.write($0, at: IndexFormat.blockContentSize) }
    }
}
