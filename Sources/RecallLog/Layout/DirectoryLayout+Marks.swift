// The marks in the file `store`: read when a store is looked at, written when a segment is begun and when a session begins and
// ends. Layout: docs/format.md, "Marks".

package import Recall

/// What the marks of a store say, and what is wrong with them.
package struct StoreMarks: Sendable {
    /// The newer one of those that hold.
    package var newest: StoreMark?
    /// Those that do not hold.
    package var damagedCopies: [DamagedCopy] = []
}

extension DirectoryLayout {
    /// Reads the marks. One that does not hold costs nothing but itself.
    package func marks(of header: StoreHeader) throws(StoreError) -> StoreMarks {
        var marks = StoreMarks()
        var unfinished: [DamagedCopy] = []
        do throws(DiskError) {
            let file = try disk.open(headerPath, .readOnly)
            for offset in Format.markOffsets {
                do throws(FormatError) {
                    let mark = try Self.mark(of: header, in: file, at: offset)
                    if mark.sequence >= marks.newest?.sequence ?? 0 { marks.newest = mark }
                } catch {
                    // A writer may be at it: what a second look finds, too, is damage.
                    guard (try? Self.mark(of: header, in: file, at: offset)) == nil else { continue }
                    let copy = DamagedCopy(subject: .mark, offset: offset, reason: error, isSpare: true)
                    if (try? Self.isUnfinishedMark(in: file, at: offset)) == true {
                        unfinished.append(copy)
                    } else {
                        marks.damagedCopies.append(copy)
                    }
                }
            }
        } catch {
            throw StoreError(error, doing: "read \(headerPath)")
        }
        if marks.newest == nil {
            // Only one is written at a time.
            marks.damagedCopies += unfinished
            for index in marks.damagedCopies.indices { marks.damagedCopies[index].isSpare = false }
        }
        return marks
    }

    private static func mark(
        of header: StoreHeader, in file: any DiskFile, at offset: Int
    ) throws(FormatError) -> StoreMark {
        let bytes: ByteWriter
        do throws(DiskError) {
            bytes = try DiskBytes.read(file, from: offset, count: Format.headerSize)
        } catch {
            throw .unreadable
        }
        return try bytes.withBytes { (bytes) throws(FormatError) in
            try StoreMark(decoding: bytes, of: header, at: offset)
        }
    }

    package func writeMark(_ mark: StoreMark) throws(DiskError) {
        let file = try disk.open(headerPath, .readWrite)
        try Self.write(mark, to: file)
        if !sabotages.contains(.skipMarkSync) { try file.sync() }
    }

    /// Writes a mark in three steps, of which the first takes away what it begins with and the last brings it back: so a crash leaves a mark
    /// that is seen to be unfinished, and is no damage.
    static func write(_ mark: StoreMark, to file: any DiskFile) throws(DiskError) {
        var writer = ByteWriter(capacity: Format.headerSize)
        mark.encode(to: &writer)
        let start = mark.fileOffset
        try file.writeZeros(from: start, to: start + Format.magicSize)
        try writer.withBytes { (bytes) throws(DiskError) in
            try file.write(
                bytes.extracting(Format.magicSize ..< bytes.byteCount), at: start + Format.magicSize)
            try file.write(bytes.extracting(0 ..< Format.magicSize), at: start)
        }
    }

    /// Whether a mark does not hold because its writing came to no end: some of its first bytes are still taken away.
    private static func isUnfinishedMark(in file: any DiskFile, at offset: Int) throws(DiskError) -> Bool {
        let bytes = try DiskBytes.read(file, from: offset, count: Format.magicSize)
        let found = bytes.withBytes { bytes in
            var reader = ByteReader(0 ..< bytes.byteCount)
            return try? reader.integer(UInt64.self, bytes)
        }
        guard let found, found != Format.markMagic else { return false }
        return stride(from: UInt64(0), to: 64, by: 8).allSatisfy { shift in
            let byte = found >> shift & 0xFF
            return byte == 0 || byte == Format.markMagic >> shift & 0xFF
        }
    }

    /// The file that has a segment's name now.
    func openFile(ofSegment number: UInt64) throws(DiskError) -> any DiskFile {
        try disk.open(segmentPath(number), .readOnly)
    }

    /// What must be there.
    package func witness(_ marks: StoreMarks) -> StoreWitness {
        sabotages.contains(.ignoreMarks) ? .none : StoreWitness(end: marks.newest?.end)
    }

    /// Marks what is there of a store that was copied, all of which is durable. The mark is durable on return.
    func markEnd(of header: StoreHeader) throws(StoreError) {
        guard let number = try segmentNumbers().last else { return }
        let tail = try openSegment(number, storeID: header.storeID)
        let walk = try SegmentWalk(tail, from: IndexCoverage(startOf: tail.header)) { (_, _) in }
        let end = tail.withBytes { bytes in
            StoreMark.End(
                of: tail.header, offset: walk.chain.offset, nextPosition: walk.chain.nextPosition, bytes)
        }
        try mark(end, of: header)
    }

    /// Forgets which file the last segment is, where a copy is about to put another in its place that holds all that it held.
    func unmarkFile(of header: StoreHeader) throws(StoreError) {
        guard var end = try marks(of: header).newest?.end else { return }
        end.forgetFile()
        try mark(end, of: header)
    }

    private func mark(_ end: StoreMark.End, of header: StoreHeader) throws(StoreError) {
        let before =
            try marks(of: header).newest
            ?? StoreMark(storeID: header.storeID, incarnation: header.incarnation, sequence: 0, end: nil)
        do throws(DiskError) { try writeMark(before.next(end)) } catch {
            throw StoreError(error, doing: "mark the end of \(path)")
        }
    }
}
