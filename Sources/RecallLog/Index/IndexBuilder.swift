// Makes an index file of what is in memory, of smaller files, or of both: when a segment is sealed,
// when a log is closed, and when files are merged. The inputs are walked once for each section, so that
// nothing is held in memory but a buffer, however large they are.

/// Writes one index of inputs whose frames follow each other.
package struct IndexBuilder {
    private let inputs: [IndexInput]
    private let header: IndexHeader
    /// The segments of each input are numbered from here on.
    private let ordinals: [UInt32]

    /// - Parameters:
    ///   - inputs: in the order of their frames; the first begins with the first segment.
    ///   - segments: all that the file will cover.
    package init(
        _ inputs: [IndexInput], of segments: some Collection<SegmentHeader>
    ) throws(IndexBuildError) {
        guard let last = inputs.last, var header = IndexHeader(segments, coverage: last.coverage),
            header.segmentCount == UInt64(segments.count), header.segmentCount <= UInt64(UInt32.max)
        else { throw .unfit }
        var ordinals: [UInt32] = []
        var counts = (aggregates: 0, references: 0, ids: 0)
        for input in inputs {
            guard input.firstSegment >= header.segmentNumbers.lowerBound,
                let ordinal = UInt32(exactly: input.firstSegment - header.segmentNumbers.lowerBound)
            else { throw .unfit }
            ordinals.append(ordinal)
            counts.aggregates += input.aggregateCount
            counts.references += input.referenceCount
            counts.ids += input.eventIDCount
            if input.eventIDs.min < header.idMin { header.idMin = input.eventIDs.min }
            if header.idMax < input.eventIDs.max { header.idMax = input.eventIDs.max }
        }
        guard counts.aggregates <= IndexFormat.countMax, counts.references <= IndexFormat.countMax,
            counts.ids <= IndexFormat.countMax
        else { throw .unfit }
        self.inputs = inputs
        self.header = header
        self.ordinals = ordinals
    }

    /// Writes the whole file. Nothing is durable on return.
    /// - Parameter pause: is called before each write, and throws where the writing is to end.
    package func write(
        to file: any DiskFile, pause: @escaping () throws(IndexBuildError) -> Void = {}
    ) throws(IndexBuildError) {
        var header = header
        var writer = IndexWriter(file, digest: header.digest, pause: pause)
        try writeAggregates(&header, &writer)
        try writeReferences(&header, &writer)
        try writeEventIDs(&header, &writer)
        try writePositions(&header, &writer)
        try writeAggregateFilter(&header, &writer)
        try writeEventFilter(&header, &writer)
        try writer.finish(header)
    }

    private func writeAggregates(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        header[.aggregates].firstBlock = writer.nextBlock
        var merge = try AggregateMerge(inputs)
        var firstReference: UInt32 = 0
        while try merge.advance() {
            let entry = merge.entry
            let count = UInt32(truncatingIfNeeded: merge.referenceCount)
            let place = try writer.entry(size: IndexFormat.aggregateSize)
            place.store(entry.id)
            place.store(entry.version, at: 16)
            place.store(entry.graphPosition, at: 24)
            place.store(firstReference, at: 32)
            place.store(count, at: 36)
            header[.aggregates].count += 1
            // Counts that a file states and does not have would overflow it.
            let (sum, isTooMany) = firstReference.addingReportingOverflow(count)
            if isTooMany { throw .unfit }
            firstReference = sum
        }
        try writer.finishSection()
    }

    private func writeReferences(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        header[.references].firstBlock = writer.nextBlock
        var merge = try AggregateMerge(inputs)
        var references: [IndexReference] = []
        while try merge.advance() {
            try merge.references(ordinals: ordinals, into: &references)
            for reference in references {
                Self.store(reference, at: try writer.entry(size: header.referenceSize), header.referenceSize)
            }
            header[.references].count += references.count
        }
        try writer.finishSection()
    }

    private func writeEventIDs(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        header[.eventIDs].firstBlock = writer.nextBlock
        var merge = try EventIDMerge(inputs)
        let size = IndexFormat.fingerprintSize + header.referenceSize
        while try merge.advance() {
            let place = try writer.entry(size: size)
            place.store(merge.fingerprint)
            Self.store(
                merge.reference(ordinals: ordinals), at: place + IndexFormat.fingerprintSize,
                header.referenceSize)
            header[.eventIDs].count += 1
        }
        try writer.finishSection()
    }

    @inline(__always)
    private static func store(_ reference: IndexReference, at place: UnsafeMutableRawPointer, _ size: Int) {
        place.store(reference.offset)
        for byte in 4 ..< size {
            let value = UInt8(truncatingIfNeeded: reference.ordinal >> UInt32(8 * (byte - 4)))
            place.storeBytes(of: value, toByteOffset: byte, as: UInt8.self)
        }
    }

    private func writePositions(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        header[.positions].firstBlock = writer.nextBlock
        var lastPlace: (ordinal: UInt32, page: Int)?
        func add(_ position: UInt64, _ reference: IndexReference) throws(IndexBuildError) {
            // Where one input ends within a page, the next has a frame of the same page.
            let page = Int(reference.offset) / IndexFormat.positionPageSize
            if let lastPlace, lastPlace == (reference.ordinal, page) { return }
            lastPlace = (reference.ordinal, page)
            let place = try writer.entry(size: IndexFormat.positionSize)
            place.store(position)
            place.store(reference.ordinal, at: 8)
            place.store(reference.offset, at: 12)
            header[.positions].count += 1
        }
        for (number, input) in inputs.enumerated() {
            switch input {
            case .memory(let frozen):
                let index = frozen.index
                for place in 0 ..< index.positions.count {
                    let noted = index.positions[place]
                    try add(
                        index.coverage.firstPosition + UInt64(noted.delta),
                        IndexReference(ordinal: ordinals[number], offset: noted.offset))
                }
            case .file(let file):
                for place in 0 ..< file.positionCount {
                    var noted: (position: UInt64, reference: IndexReference)
                    do throws(FormatError) { noted = try file.position(at: place) } catch {
                        throw .damaged(input: number, error)
                    }
                    noted.reference.ordinal &+= ordinals[number]
                    try add(noted.position, noted.reference)
                }
            }
        }
        try writer.finishSection()
    }

    // MARK: Filters

    private func writeAggregateFilter(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        var merge = try AggregateMerge(inputs)
        try writeFilter(.aggregateFilter, keyCount: header[.aggregates].count, &header, &writer) {
            () throws(IndexBuildError) in
            try merge.advance() ? UInt32(truncatingIfNeeded: merge.hash >> 32) : nil
        }
    }

    private func writeEventFilter(
        _ header: inout IndexHeader, _ writer: inout IndexWriter
    ) throws(IndexBuildError) {
        var merge = try EventIDMerge(inputs)
        try writeFilter(.eventFilter, keyCount: header[.eventIDs].count, &header, &writer) {
            () throws(IndexBuildError) in
            try merge.advance() ? merge.fingerprint : nil
        }
    }

    /// The fingerprints come ascending, and so do their lines: each line is finished before the next begins.
    private func writeFilter(
        _ kind: IndexSectionKind, keyCount: Int, _ header: inout IndexHeader, _ writer: inout IndexWriter,
        next: () throws(IndexBuildError) -> UInt32?
    ) throws(IndexBuildError) {
        header[kind].firstBlock = writer.nextBlock
        let lineCount = IndexFormat.filterLineCount(keyCount: keyCount)
        header[kind].count = lineCount
        guard lineCount > 0 else { return }
        var line = 0
        var place = try writer.entry(size: IndexFormat.filterLineSize)
        while let fingerprint = try next() {
            let wanted = IndexFilter.line(of: fingerprint, lineCount: lineCount)
            while line < wanted {
                place = try writer.entry(size: IndexFormat.filterLineSize)
                line += 1
            }
            IndexFilter.add(fingerprint, to: place)
        }
        while line < lineCount - 1 {
            place = try writer.entry(size: IndexFormat.filterLineSize)
            line += 1
        }
        try writer.finishSection()
    }
}
