// The probe of index files, alone and in an opened store. An index whose checksums were made to hold can say
// anything, so here only the manner of the answer is checked: inside the bytes, and damage or events.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog

extension ReaderProbe {
    /// Reads bytes as the index of a segment, which is first the tail of a store and then sealed.
    ///
    /// Checked: an index that is accepted lies inside its bytes and its segment, and a store that believes
    /// it shows events that were asked for, or reports damage.
    /// - Parameter input: the mode; two bytes, the size of the frames; the frames behind the segment's
    ///   header, whose checksums are always made to hold; the bytes of the index.
    /// - Returns: how many aggregates the index names; 0 where it was refused.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func index(_ input: Data) throws -> Int {
        try input.withUnsafeBytes { buffer in
            let bytes = buffer.bytes
            var reader = ByteReader(0 ..< bytes.byteCount)
            guard let first = try? reader.byte(bytes), let size = try? reader.integer(UInt16.self, bytes),
                let frames = try? reader.take(min(Int(size), reader.remainingCount)),
                let rest = try? reader.take(reader.remainingCount)
            else { return 0 }
            let control = Control(byte: first)
            let header = segment()
            let file = try ProbeFrames(segment: header).file(bytes.extracting(frames), .checksummed)
            var writer = ByteWriter(capacity: rest.count)
            writer.bytes(bytes.extracting(rest))
            if control.mode != .raw { seal(&writer, of: header) }
            let map = writer.withBytes { ProbeFile($0) }
            let index = try? IndexFile(map, of: [header])
            let ids = try index.map { try look($0, of: header) } ?? []
            try read(ProbeLayout(segments: [file], index: map), ids)

            var next = header
            next.number = 2
            // At a clean seal the index ends where the next segment begins; else it is not believed.
            next.firstPosition = index?.coverage.nextPosition ?? 1
            let successor = try ProbeFrames(segment: next).file(RawSpan(), .raw)
            try read(ProbeLayout(segments: [file, successor], index: map), ids)
            return index?.aggregateCount ?? 0
        }
    }

    /// Asks an index everything it can be asked.
    /// - Returns: some of the aggregates that it names.
    private static func look(_ index: IndexFile, of segment: SegmentHeader) throws -> [RawIdentifier] {
        try require(
            (Format.headerCopiesSize ... segment.capacity).contains(index.coverage.endOffset),
            "an index covers bytes outside of its segment")
        var ids: [RawIdentifier] = []
        // A block that does not hold is an answer, too.
        for number in 0 ..< index.aggregateCount {
            guard let found = try? index.aggregate(at: number) else { continue }
            for place in (try? index.references(of: found)) ?? 0 ..< 0 { _ = try? index.reference(at: place) }
            if ids.count < 6 { ids.append(found.entry.id) }
        }
        for id in ids {
            if let found = try? index.aggregate(id) {
                try require(found.entry.id == id, "another aggregate is found")
            }
            _ = try? index.mayHold(id)
            _ = try? index.references(toEvent: id)
        }
        for number in 0 ..< index.eventIDCount { _ = try? index.eventID(at: number) }
        for number in 0 ..< index.positionCount { _ = try? index.position(at: number) }
        for position in [0, 1, 2, 40, UInt64(UInt32.max), .max] {
            for ordinal in [0, 1, UInt32.max] { _ = try? index.offset(before: position, inSegment: ordinal) }
        }
        for fingerprint in [0, 1, UInt32.max] { _ = try? index.references(toFingerprint: fingerprint) }
        _ = try? index.verify()
        try merge(index, of: segment)
        return ids
    }

    /// What an index that holds says is made into another file; one in disorder is refused.
    private static func merge(_ index: IndexFile, of segment: SegmentHeader) throws {
        let output = ProbeOutput()
        guard let builder = try? IndexBuilder([.file(index)], of: [segment]),
            (try? builder.write(to: output)) != nil
        else { return }
        let map = output.withBytes { ProbeFile($0) }
        let copy = try IndexFile(map, of: [segment])
        try copy.verify()
        try require(
            copy.aggregateCount == index.aggregateCount && copy.eventIDCount == index.eventIDCount,
            "an index changes when it is written again")
    }

    private static func read(_ layout: ProbeLayout, _ ids: [RawIdentifier]) throws {
        guard let log = try unlessDamaged("Opening", { () throws(StoreError) in try layout.open() }) else {
            return
        }
        _ = try unlessDamaged("Reading pages") { () throws(StoreError) in try log.pages(EventQuery()) }
        _ = try unlessDamaged("Reading backwards") { () throws(StoreError) in
            try log.pages(EventQuery(direction: .backwards))
        }
        for id in ids {
            try readAggregate(AggregateID(id.uuid), log)
            let candidates = try unlessDamaged("Looking for an event id") { () throws(StoreError) in
                try log.contents.candidates(for: id)
            }
            for piece in candidates ?? [] {
                for offset in piece.offsets.prefix(4) {
                    _ = try unlessDamaged("Reading a commit") { () throws(StoreError) in
                        try piece.file.withBytes { (bytes) throws(StoreError) in
                            try log.reader.commit(at: offset, in: piece.file, bytes)
                        }
                    }
                }
            }
        }
        _ = try unlessDamaged("Counting aggregates") { () throws(StoreError) in
            try log.contents.aggregateCount()
        }
    }

    /// Ties the bytes of an index to a segment and makes their checksums hold. Layout: docs/format.md, "Indexes".
    private static func seal(_ writer: inout ByteWriter, of segment: SegmentHeader) {
        guard writer.count >= IndexFormat.blockSize else { return }
        var identity = ByteWriter()
        HeaderSector.begin(&identity, magic: Format.indexMagic)
        identity.identifier(segment.storeID)
        identity.integer(segment.number)
        identity.integer(segment.number)
        var place = ByteWriter()
        place.integer(segment.number)
        place.integer(segment.salt)
        place.integer(segment.firstPosition)
        let digest = place.withBytes { Checksum.crc32c($0) }
        identity.integer(digest)
        writer.replace(with: identity, at: 0)
        writer.sealHeader()
        for block in 0 ..< writer.count / IndexFormat.blockSize {
            let start = block * IndexFormat.blockSize
            var seed = ByteWriter()
            seed.integer(digest)
            seed.integer(UInt32(block))
            let before = seed.withBytes { Checksum.crc32c($0) }
            let checksum = writer.withBytes {
                Checksum.crc32c(
                    $0.extracting(start ..< start + IndexFormat.blockContentSize), after: before)
            }
            writer.replace(checksum, at: start + IndexFormat.blockContentSize)
        }
    }
}

extension ByteWriter {
    /// Overwrites what was written before with other bytes, four at a time.
    mutating func replace(with other: borrowing ByteWriter, at start: Int) {
        for offset in stride(from: 0, to: other.count, by: 4) {
            let word = other.withBytes { bytes in
                UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
            replace(word, at: start + offset)
        }
    }

    /// Makes the checksum of a header's sector hold.
    /// - Returns: the checksum.
    @discardableResult
    mutating func sealHeader() -> UInt32 {
        let checksum = withBytes { Checksum.crc32c($0.extracting(0 ..< Format.headerChecksumOffset)) }
        replace(checksum, at: Format.headerChecksumOffset)
        return checksum
    }
}
