// Holds the index files against the frames, segment by segment: what the frames of one say is looked up
// in the file that covers it, entry by entry, and in the end the file must hold nothing else. So no more
// than the index of one segment is in memory, however many a file covers.
//
// A file is read through by calls before it is mapped: what the medium does not give back then is a finding, and no map is made.

/// Checks the index files that a log would use.
struct IndexVerifier {
    private struct Subject {
        let file: IndexFile
        /// What the frames have accounted for.
        var referenceCount = 0
        var eventIDCount = 0
        var positionCount = 0
        var idMin = RawIdentifier(high: .max, low: .max)
        var idMax = RawIdentifier(high: 0, low: 0)
        /// Reported already, or not to be judged, because frames are lost.
        var isSettled = false

        var numbers: ClosedRange<UInt64> { file.header.segmentNumbers }
    }

    private var subjects: [Subject] = []
    private var findings: [VerificationFinding] = []

    /// Opens the files and checks each block of them.
    init(_ segments: [SegmentHeader], in layout: DirectoryLayout) {
        guard let tail = segments.last else { return }
        let number = tail.number
        let unreadable = readThrough(layout, through: number)
        let selection = IndexSelection(
            of: segments.dropLast(), endPosition: tail.firstPosition, in: layout,
            except: unreadable.flatMap { Array($0) })
        var used = selection.parts.compactMap(\.file)
        if !unreadable.contains(number ... number), let map = layout.openIndex(of: number ... number),
            let file = try? IndexFile(map, of: [tail])
        {
            used.append(file)
        }
        for numbers in layout.indexRanges()
        where numbers.upperBound <= number && !unreadable.contains(numbers) {
            let headers = segments[Int(numbers.lowerBound) - 1 ..< Int(numbers.upperBound)]
            let file = used.first { $0.header.segmentNumbers == numbers }
            do throws(FormatError) {
                guard let map = layout.openIndex(of: numbers) else {
                    // A writer may have merged it meanwhile.
                    if layout.indexRanges().contains(numbers) { throw FormatError("it is cut short") }
                    continue
                }
                let opened: IndexFile
                if let file { opened = file } else { opened = try IndexFile(map, of: headers) }
                try opened.verify()
                try Self.checkOrder(opened)
                // What is of no use is judged by its checksums alone.
                if file != nil { subjects.append(Subject(file: opened)) }
            } catch {
                // One of a file that was rewritten, or is being rewritten beside, answers for nothing.
                if error != .otherSegments { report(numbers.lowerBound, "does not hold: \(error)") }
            }
        }
    }

    /// Reports what the medium does not give back of the files.
    /// - Returns: which segments those stand for that cannot be read whole.
    private mutating func readThrough(
        _ layout: DirectoryLayout, through number: UInt64
    ) -> [ClosedRange<UInt64>] {
        layout.indexRanges().filter { numbers in
            guard numbers.upperBound <= number else { return false }
            let unreadable = layout.unreadableIndex(of: numbers)
            for range in unreadable {
                report(
                    numbers.lowerBound,
                    "cannot be read: the medium does not give back \(range.count) bytes of it from byte \(range.lowerBound) on",
                    unreadableByteCount: range.count)
            }
            return !unreadable.isEmpty
        }
    }

    private mutating func report(_ segment: UInt64, _ what: String, unreadableByteCount: Int? = nil) {
        findings.append(
            VerificationFinding(
                kind: .index, subject: .index, segment: segment, offset: nil,
                unreadableByteCount: unreadableByteCount, positions: nil,
                reason: "the index \(what); delete it, and it is made again"))
    }

    /// What was found since the last call.
    mutating func takeFindings() -> [VerificationFinding] {
        defer { findings = [] }
        return findings
    }

    /// How far the index of a segment covers it; nil where there is none.
    func endOffset(inSegment number: UInt64) -> Int? {
        guard let subject = subjects.first(where: { $0.numbers.contains(number) }) else { return nil }
        return number == subject.numbers.upperBound ? subject.file.coverage.endOffset : .max
    }

    /// Up to where the index of the tail covers it.
    func coveredEnd(ofTail number: UInt64) -> CoveredEnd {
        let subject = subjects.first { $0.numbers.upperBound == number }
        return subject.map { CoveredEnd($0.file.coverage) } ?? .none
    }

    /// Entries that are not in their order are not found, and references that belong to nobody, or to
    /// two, would be counted wrongly.
    private static func checkOrder(_ file: IndexFile) throws(FormatError) {
        var cursor = try AggregateCursor(.file(file))
        var nextReference = 0
        for index in 0 ..< file.aggregateCount {
            let aggregate = try file.aggregate(at: index)
            guard aggregate.firstReference == nextReference, aggregate.referenceCount > 0 else {
                throw FormatError("an aggregate names references that are not its own")
            }
            nextReference += aggregate.referenceCount
            try cursor.advance()
        }
        guard nextReference == file.referenceCount else {
            throw FormatError("there are references that belong to no aggregate")
        }
        var ids = try EventIDCursor(.file(file))
        while !ids.isAtEnd { try ids.advance() }
    }

    /// Compares what the frames of a segment say with its index.
    /// - Parameter rebuilt: the index of what the file covers of the segment; nil where frames are lost.
    mutating func compare(_ rebuilt: ActiveIndex?, segment number: UInt64) {
        guard let place = subjects.firstIndex(where: { $0.numbers.contains(number) }),
            !subjects[place].isSettled
        else { return }
        guard let rebuilt else {
            subjects[place].isSettled = true
            return
        }
        do throws(FormatError) {
            let ordinal = UInt32(truncatingIfNeeded: number - subjects[place].numbers.lowerBound)
            try Self.compare(&subjects[place], rebuilt, ordinal: ordinal)
            if number == subjects[place].numbers.upperBound { try Self.finish(subjects[place], rebuilt) }
        } catch {
            subjects[place].isSettled = true
            report(number, "is not what the frames say: \(error)")
        }
    }

    private static func compare(
        _ subject: inout Subject, _ rebuilt: ActiveIndex, ordinal: UInt32
    ) throws(FormatError) {
        let file = subject.file
        var aggregates = try AggregateCursor(.active(rebuilt))
        while !aggregates.isAtEnd {
            try compare(aggregates, file, ordinal)
            try aggregates.advance()
        }
        subject.referenceCount += rebuilt.referenceCount
        var ids = try EventIDCursor(.active(rebuilt))
        while !ids.isAtEnd {
            let reference = IndexReference(ordinal: ordinal, offset: ids.reference.offset)
            guard try file.references(toFingerprint: ids.fingerprint).contains(reference) else {
                throw FormatError("an event id is missing")
            }
            try ids.advance()
        }
        subject.eventIDCount += rebuilt.eventIDCount
        subject.idMin = min(subject.idMin, rebuilt.idMin)
        subject.idMax = max(subject.idMax, rebuilt.idMax)
        for index in 0 ..< rebuilt.positions.count {
            let noted = rebuilt.positions[index]
            let position = rebuilt.coverage.firstPosition + UInt64(noted.delta)
            let place = subject.positionCount + index
            guard place < file.positionCount,
                try file.position(at: place) == (
                    position, IndexReference(ordinal: ordinal, offset: noted.offset)
                )
            else { throw FormatError("a position is missing") }
        }
        subject.positionCount += rebuilt.positions.count
    }

    /// Compares one aggregate: its frames in this segment and, where it is the last that lists it, its versions.
    private static func compare(
        _ cursor: AggregateCursor, _ file: IndexFile, _ ordinal: UInt32
    ) throws(FormatError) {
        guard let found = try file.aggregate(cursor.id) else { throw FormatError("an aggregate is missing") }
        var expected: [IndexReference] = []
        try cursor.appendReferences(addingOrdinal: ordinal, to: &expected)
        let all = try file.references(of: found)
        var low = all.lowerBound
        var high = all.upperBound
        while low < high {
            let middle = (low + high) / 2
            if try file.reference(at: middle).ordinal >= ordinal { high = middle } else { low = middle + 1 }
        }
        for reference in expected {
            guard low < all.upperBound, try file.reference(at: low) == reference else {
                throw FormatError("a frame that lists an aggregate is missing")
            }
            low += 1
        }
        if low == all.upperBound, found.entry != cursor.entry {
            throw FormatError("an aggregate has another version or position")
        }
    }

    private static func finish(_ subject: Subject, _ rebuilt: ActiveIndex) throws(FormatError) {
        let file = subject.file
        guard subject.referenceCount == file.referenceCount, subject.eventIDCount == file.eventIDCount,
            subject.positionCount == file.positionCount
        else { throw FormatError("it names frames that are not there") }
        guard subject.idMin == file.header.idMin, subject.idMax == file.header.idMax else {
            throw FormatError("it states other event ids at its ends")
        }
        guard file.coverage == rebuilt.coverage else { throw FormatError("it states another end") }
    }
}
