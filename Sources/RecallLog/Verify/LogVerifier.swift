// Reads every byte of a store and believes none: checksums, the chain, sequences, bodies, versions of
// every stream, and every index against the frames that it was made from.
//
// Segments are read into memory by calls, one at a time: what the medium does not give back is a finding then, where a map would
// be a signal that ends the program.

package import Recall

/// Verifies a store without changing it, beside a writer or not.
package struct LogVerifier {
    private let layout: DirectoryLayout
    private let progress: (@Sendable (VerificationProgress) -> Void)?
    private var report = VerificationReport()
    private var versions: [RawIdentifier: UInt64] = [:]
    private var byteCountTotal = 0
    private var byteCountBefore = 0
    /// Set once frames are lost: then streams may have gaps, which is no finding of its own.
    private var isLossy = false
    /// Gaps in streams of the present segment. Whether frames before them are lost, which would explain
    /// them, is known only when the segment has been scanned.
    private var gaps: [VerificationFinding] = []
    private var indexes: IndexVerifier?
    private var commitCheck = CommitCheck()
    private var witness = StoreWitness.none
    /// Events of commits that were stored after it, by the clock of then, are counted.
    package var countedTime: Timestamp?
    package private(set) var laterEventCount = 0

    package init(_ layout: DirectoryLayout, progress: (@Sendable (VerificationProgress) -> Void)?) {
        self.layout = layout
        self.progress = progress
    }

    /// - Parameter limitPosition: frames behind it are not looked at, since a writer may be at them.
    /// - Throws: what keeps the store from being looked at at all.
    package mutating func verify(
        _ header: StoreHeader, limitPosition: UInt64
    ) throws(StoreError) -> VerificationReport {
        // What a writer is writing now is another when all else was read.
        let suspects = try layout.damagedCopiesOfContents()
        try verifyFiles(header, limitPosition: limitPosition)
        if !suspects.isEmpty {
            let found = try layout.damagedCopiesOfContents().filter(suspects.contains)
            report.findings.insert(contentsOf: found.map { Self.finding($0, segment: nil) }, at: 0)
        }
        return report
    }

    private mutating func verifyFiles(_ header: StoreHeader, limitPosition: UInt64) throws(StoreError) {
        add(try layout.damagedCopies(of: header), segment: nil)
        let marks = try layout.marks(of: header)
        add(marks.damagedCopies, segment: nil)
        witness = layout.witness(marks)
        do throws(StoreError) { try layout.checkPlaces() } catch {
            guard error.code == .damaged else { throw error }
            add(.tableOfContents, segment: nil, reason: error.message)
        }
        let numbers: [UInt64]
        do throws(StoreError) { numbers = try layout.segmentNumbers() } catch {
            guard error.code == .damaged else { throw error }
            add(.segmentDirectory, segment: nil, reason: error.message)
            return
        }
        var headers: [SegmentHeader] = []
        for (index, number) in numbers.enumerated() {
            if number != UInt64(index) + 1 {
                add(.segment, segment: UInt64(index) + 1, reason: "the segment's file is missing")
                return
            }
            do throws(StoreError) {
                headers.append(try layout.wholeSegmentHeader(number, storeID: header.storeID))
            } catch {
                guard error.code == .damaged else { throw error }
                add(.segment, segment: number, reason: error.message)
                return
            }
        }
        if let missing = witness.missing(from: numbers) {
            report.findings.append(
                VerificationFinding(
                    kind: .file, subject: .segment, segment: missing.numbers.lowerBound, offset: nil,
                    positions: missing.positions.map { Position($0.lowerBound) ... Position($0.upperBound) },
                    reason: missing.reason))
        } else if let last = headers.last, witness.isReplaced(last) {
            add(
                .segment, segment: last.number,
                reason: "the file is not the one that was begun as this segment")
        }
        byteCountTotal = headers.reduce(0) { $0 + $1.capacity }
        var indexes = IndexVerifier(headers, in: layout)
        report.findings += indexes.takeFindings()
        self.indexes = indexes
        for (index, header) in headers.enumerated() {
            let successor = index + 1 < headers.count ? headers[index + 1].firstPosition : nil
            let file = try layout.openPresentSegment(header)
            // Its index is not that of a form that a writer has put in its place since.
            if file.header != header { self.indexes?.compare(nil, segment: header.number) }
            try verify(file, successor: successor, limitPosition: limitPosition)
            byteCountBefore += header.capacity
            progress?(VerificationProgress(byteCount: byteCountBefore, byteCountTotal: byteCountTotal))
        }
        report.segmentCount = headers.count
        report.aggregateCount = versions.count
    }

    private mutating func verify(
        _ file: SegmentFile, successor: UInt64?, limitPosition: UInt64
    ) throws(StoreError) {
        let number = file.header.number
        let indexEnd = indexes?.endOffset(inSegment: number)
        report.findings += file.unreadable.map { Self.finding($0, segment: number) }
        add(file.damagedCopies(), segment: number)
        // A writer is at the tail alone, behind what its index covers.
        let limitPosition = successor == nil ? limitPosition : .max
        var rebuilt = ActiveIndex(IndexCoverage(startOf: file.header))
        var memory = BodyMemory()
        var records = RecordReader()
        var frameCount = 0
        var progressOffset = 0
        var seal: (frame: FrameHeader, frameCount: Int)?
        // What the checker itself gathers is set aside, since the scan's closure may not touch self.
        var state = self
        versions = [:]
        let scan = try SegmentScan(
            file, from: rebuilt.coverage, successorPosition: successor, limitPosition: limitPosition,
            covered: successor == nil ? indexes?.coveredEnd(ofTail: number) ?? .none : .none,
            witness: successor == nil ? witness : .none
        ) { (link, bytes) throws(StoreError) in
            frameCount += 1
            if link.frame.kind == .seal { seal = (link.frame, frameCount - 1) }
            if let indexEnd, link.frame.endOffset <= indexEnd {
                Self.add(link, to: &rebuilt, bytes)
            }
            if let commit = link.commit { state.check(commit, bytes, number, &memory, &records) }
            if link.frame.endOffset - progressOffset > 1 << 20 {
                progressOffset = link.frame.endOffset
                state.progress?(
                    VerificationProgress(
                        byteCount: state.byteCountBefore + progressOffset,
                        byteCountTotal: state.byteCountTotal))
            }
        }
        self = state
        let firstLoss = scan.damage.filter { $0.positions != nil }.map(\.offset).min() ?? .max
        if !isLossy { report.findings += gaps.filter { $0.offset.map { $0 < firstLoss } ?? true } }
        gaps = []
        for region in scan.damage {
            isLossy = isLossy || region.positions != nil
            report.findings.append(
                VerificationFinding(
                    kind: .frames, subject: .frames, segment: region.segmentNumber, offset: region.offset,
                    positions: region.positions, reason: region.reason))
        }
        if let seal, scan.damage.isEmpty { checkSeal(seal.frame, frameCount: seal.frameCount, in: file) }
        report.frameCount += frameCount
        report.byteCount += scan.chain.offset
        report.lastPosition = Position(scan.chain.nextPosition - 1)
        if successor == nil { report.behindEnd = scan.behindEnd.map(VerificationReport.BehindEnd.init) }
        if indexEnd != nil {
            indexes?.compare(scan.damage.isEmpty ? rebuilt : nil, segment: number)
            report.findings += indexes?.takeFindings() ?? []
        }
    }

    /// What a seal states of its segment is what stands in front of it.
    private mutating func checkSeal(_ frame: FrameHeader, frameCount: Int, in file: SegmentFile) {
        let eventCount = frame.nextPosition - file.header.firstPosition
        let stated = file.withBytes { try? SessionFrame(decoding: frame, $0, in: file.header) }
        if let stated, stated.eventCount == eventCount, stated.frameCount == UInt64(frameCount) { return }
        let found = "\(eventCount) events in \(frameCount) frames"
        let statement = stated.map { "states \($0.eventCount) events in \($0.frameCount) frames" }
        report.findings.append(
            VerificationFinding(
                kind: .content, subject: .frames, segment: file.header.number, offset: frame.offset,
                positions: nil,
                reason: "the seal \(statement ?? "cannot be read"), and in front of it are \(found)"))
    }

    private static func add(_ link: ChainLink, to index: inout ActiveIndex, _ bytes: RawSpan) {
        index.coverage.frameCount += 1
        index.coverage.endOffset = link.frame.endOffset
        index.coverage.epoch = link.frame.epoch
        index.coverage.nextPosition = link.frame.nextPosition
        index.coverage.durablePosition = max(index.coverage.durablePosition, link.frame.durablePosition)
        guard let commit = link.commit else { return }
        // Its streams were read when the frame was: they are read here a second time.
        try? index.add(commit, bytes)
        index.coverage.nextPosition = commit.lastPosition + 1
        index.coverage.lastTime = commit.time
    }

    /// Checks what a frame's checksum does not: that its body can be read and its versions follow.
    private mutating func check(
        _ commit: CommitHeader, _ bytes: RawSpan, _ number: UInt64, _ memory: inout BodyMemory,
        _ records: inout RecordReader
    ) {
        report.commitCount += 1
        if let countedTime, commit.time > countedTime.microsecondsSince1970 {
            laterEventCount += commit.eventCount
        }
        report.clockSteps.add(time: commit.time, position: commit.firstPosition)
        report.eventCount += commit.eventCount
        let positions = Position(commit.firstPosition) ... Position(commit.lastPosition)
        do throws(FormatError) {
            let streams = try commit.streams(bytes)
            for stream in streams {
                let before = versions[stream.id] ?? 0
                if stream.previousVersion != before {
                    gaps.append(
                        VerificationFinding(
                            kind: .content, subject: .commit, segment: number,
                            offset: commit.frame.offset, positions: positions,
                            reason:
                                "stream \(AggregateID(stream.id.uuid)) goes on behind version \(stream.previousVersion) where \(before) was its last"
                        ))
                }
                versions[stream.id] = stream.version
            }
            try memory.load(commit, bytes)
            commitCheck.begin()
            try Self.read(commit, bytes, memory, &records, &commitCheck)
            try commitCheck.finish(commit, streams)
        } catch {
            report.findings.append(
                VerificationFinding(
                    kind: .content, subject: .commit, segment: number, offset: commit.frame.offset,
                    positions: positions, reason: error.reason))
        }
    }

    private static func read(
        _ commit: CommitHeader, _ segment: RawSpan, _ memory: borrowing BodyMemory,
        _ records: inout RecordReader, _ check: inout CommitCheck
    ) throws(FormatError) {
        try memory.withBody(of: commit, segment) { (body) throws(FormatError) in
            try records.begin(commit, segment: segment, body: body)
            while let event = try records.next(segment: segment, body: body) {
                _ = try event.recordedEvent(body)
                check.add(event)
            }
        }
    }

    private mutating func add(_ copies: [DamagedCopy], segment: UInt64?) {
        report.findings += copies.map { Self.finding($0, segment: segment) }
    }

    private static func finding(_ copy: DamagedCopy, segment: UInt64?) -> VerificationFinding {
        VerificationFinding(
            kind: .file, subject: .init(copy.subject), segment: segment, offset: copy.offset, positions: nil,
            reason: copy.message)
    }

    private static func finding(_ range: Range<Int>, segment: UInt64) -> VerificationFinding {
        VerificationFinding(
            kind: .file, subject: .medium, segment: segment, offset: range.lowerBound,
            unreadableByteCount: range.count, positions: nil,
            reason:
                "the medium does not give back \(range.count) bytes: check the disk, then restore a backup or salvage what is whole"
        )
    }

    /// Adds what keeps a whole file from being looked at.
    private mutating func add(_ subject: VerificationFinding.Subject, segment: UInt64?, reason: String) {
        report.findings.append(
            VerificationFinding(
                kind: .file, subject: subject, segment: segment, offset: nil, positions: nil, reason: reason))
    }
}
