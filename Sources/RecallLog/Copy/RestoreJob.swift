// Makes a store of a backup, as it was at a moment: whole segments, and the beginning of the one in which that moment lies. The
// directory is no store before all of it is durable and has been verified.

internal import Recall

/// One restore. Used once, by one thread.
struct RestoreJob {
    let source: CopySource
    let cut: RestoreCut
    let target: UnfinishedStore
    let work: CopyWork
    /// Which history the new store is.
    let incarnation: RawIdentifier
    /// Whether what nobody needs to append is left out.
    var isCompact = false

    func run() throws(StoreError) -> RestoreResult {
        var result = RestoreResult(position: Position(cut.position), dividedCommit: cut.dividedCommit)
        let numbers = CopySource.numbers(upTo: cut.segmentCount)
        let copiedByteCount = try source.byteCount(
            of: numbers, lastNumber: cut.segmentCount, cut.lastPart)
        // All is read twice: copied, and verified.
        work.byteCountTotal = 2 * copiedByteCount
        try target.layout.syncParent()
        var header = source.header
        header.incarnation = incarnation
        let copies = StoreHeader.copies(source.headerBytes, of: incarnation)[...]
        try target.layout.create(header, headerCopies: copies.span.bytes)
        var doneByteCount = 0
        for number in numbers {
            let (file, part) = try segment(number)
            result.byteCount += try SegmentCopier(
                source: file, part: part, origin: source, target: target.layout, work: work,
                isClearedBehind: cut.isCut && number == UInt64(cut.segmentCount), isCompact: isCompact
            ).copy()
            result.segmentCount += 1
            doneByteCount += part.byteCount(of: file.header)
            try work.finish(at: doneByteCount)
        }
        try target.layout.markEnd(of: header)
        try verify(header, from: copiedByteCount, &result)
        try target.finish()
        if isCompact { try target.trim() }
        return result
    }

    private func segment(_ number: UInt64) throws(StoreError) -> (file: SegmentFile, part: SegmentPart) {
        let (file, part) = try source.segment(number)
        return (file, number == UInt64(cut.segmentCount) ? cut.lastPart : part)
    }

    /// Reads everything that was written, before it is called a store.
    private func verify(
        _ header: StoreHeader, from byteCount: Int, _ result: inout RestoreResult
    ) throws(StoreError) {
        var verifier = LogVerifier(target.layout, progress: nil)
        verifier.countedTime = cut.time
        let report = try verifier.verify(header, limitPosition: .max)
        if let finding = report.findings.first {
            let place = finding.segment.map { " in segment \($0)" } ?? ""
            let offset = finding.offset.map { " at offset \($0)" } ?? ""
            throw StoreError(
                .damaged,
                "What was restored to \(target.layout.path) does not hold\(place)\(offset): \(finding.reason); verify \(source.layout.path), and check the disk.",
                damagedPositions: finding.positions)
        }
        guard report.lastPosition.rawValue == cut.position else {
            throw StoreError(
                .damaged,
                "What was restored to \(target.layout.path) ends with position \(report.lastPosition) and not with \(cut.position): verify \(source.layout.path), and check the disk."
            )
        }
        try work.finish(at: 2 * byteCount)
        result.verification = report
        result.laterEventCount = verifier.laterEventCount
    }
}
