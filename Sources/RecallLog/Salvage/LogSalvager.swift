// Goes over a damaged store segment by segment, copies each commit that is whole, and accounts for every position: it is
// copied, or it is in the list of losses. Memory is that of one segment, as large as its file and at most 1 GiB, of one commit,
// of the losses, and of the streams that they shift.

internal import Recall

/// Copies what is whole from a store to another. Used once, by one thread.
final class LogSalvager {
    private let source: SalvageSource
    private let destination: SalvageDestination
    private let progress: (@Sendable (VerificationProgress) -> Void)?
    private var report = SalvageReport()
    /// The next position of the old store that is not accounted for.
    private var expected: UInt64 = 1
    /// Losses whose end is not known before a later segment says where it begins.
    private var openLosses: [SalvageLoss] = []
    private var shifted: [RawIdentifier: ShiftedStream] = [:]
    private var memory = SalvageMemory()
    private var byteCountTotal = 0
    private var progressCount = 0

    init(
        _ source: SalvageSource, _ destination: SalvageDestination,
        progress: (@Sendable (VerificationProgress) -> Void)?
    ) {
        self.source = source
        self.destination = destination
        self.progress = progress
    }

    /// Copies everything.
    func run() throws(StoreError) -> SalvageReport {
        do throws(StoreError) { try copyAll() } catch {
            destination.abandon()
            throw error
        }
        return report
    }

    private func copyAll() throws(StoreError) {
        report.notes = source.notes
        byteCountTotal = source.byteCount
        var nextNumber: UInt64 = 1
        for (index, item) in source.segments.enumerated() {
            if item.number > nextNumber {
                lose(nextNumber, source.reasonForMissing(nextNumber ... item.number - 1))
            }
            nextNumber = item.number + 1
            switch item.segment {
            case .lost(let reason): lose(item.number, reason)
            case .readable(let header): try copy(header, at: index)
            }
        }
        if let missing = source.witness.missing(from: source.segments.map(\.number)) {
            lose(missing.numbers.lowerBound, source.reasonForMissing(missing.numbers))
            if missing.lastPosition >= expected {
                openLosses[0].lastPosition = Position(missing.lastPosition)
            }
        } else if let last = source.segments.last, case .readable(let header) = last.segment,
            source.witness.isReplaced(header)
        {
            lose(header.number, "the file is not the one that was begun as this segment")
        }
        if let end = source.witness.end, source.segments.last?.number == end.segmentNumber,
            !openLosses.isEmpty,
            end.nextPosition > expected
        {
            // The mark says how far a last segment went that cannot be read.
            openLosses[0].lastPosition = Position(end.nextPosition - 1)
        }
        report.losses += openLosses
        report.shiftedStreams = shifted.values.sorted {
            RawIdentifier($0.aggregateID.uuid) < RawIdentifier($1.aggregateID.uuid)
        }
        try source.requireNoWriter()
        try destination.finish()
    }

    // MARK: Whole segments

    /// Notes that a segment is lost: from the position that is expected up to where a later one begins.
    private func lose(_ number: UInt64, _ reason: String, offset: Int? = nil) {
        openLosses.append(
            SalvageLoss(
                segment: number, offset: offset,
                firstPosition: openLosses.isEmpty ? Position(expected) : nil, lastPosition: nil,
                reason: reason))
    }

    /// Closes the list of losses in front of a position that is known.
    private func settle(upTo position: UInt64) {
        guard !openLosses.isEmpty else { return }
        if position > expected {
            openLosses[0].lastPosition = Position(position - 1)
            report.losses += openLosses
        } else {
            report.notes += openLosses.map {
                SalvageNote(segment: $0.segment, offset: $0.offset, reason: $0.reason)
            }
        }
        openLosses = []
        expected = position
    }

    private func copy(_ header: SegmentHeader, at index: Int) throws(StoreError) {
        guard header.firstPosition >= expected else {
            return lose(
                header.number,
                "it begins at position \(header.firstPosition), before the end of the segment in front of it")
        }
        let file: SegmentFile
        do throws(StoreError) { file = try source.open(header) } catch {
            guard SalvageSource.isLoss(error) else { throw error }
            return lose(header.number, error.message)
        }
        settle(upTo: header.firstPosition)
        if header.firstPosition > expected {
            addLoss(
                header.number, nil, expected ... header.firstPosition - 1,
                "the segment begins behind the end of the one in front of it")
        }
        report.notes += file.unreadable.map {
            SalvageNote(segment: header.number, unreadable: $0, of: source.layout.segmentPath(header.number))
        }
        for copy in file.damagedCopies() {
            report.notes.append(
                SalvageNote(segment: header.number, offset: copy.offset, reason: copy.finding))
        }
        if file.isCutShort {
            report.notes.append(
                SalvageNote(
                    segment: header.number, offset: nil,
                    reason: "the file is shorter than the \(header.capacity) bytes that its header states"))
        }
        try copyFrames(of: file, at: index)
        report.segmentCount += 1
    }

    // MARK: Frames

    private func copyFrames(of file: SegmentFile, at index: Int) throws(StoreError) {
        let header = file.header
        let isFollowed = index + 1 < source.segments.count
        var successor: UInt64?
        if isFollowed, source.segments[index + 1].number == header.number + 1,
            case .readable(let next) = source.segments[index + 1].segment
        {
            successor = next.firstPosition
        }
        let lossCount = report.losses.count
        let walk = try SegmentWalk(
            file, from: IndexCoverage(startOf: header), successorPosition: successor, isFollowed: isFollowed,
            witness: isFollowed ? .none : source.witness, isKeepingTail: true
        ) { (link, bytes) throws(StoreError) in
            guard let commit = link.commit else { return }
            try copy(commit, bytes, segment: header.number)
        }
        for region in walk.damage { add(region) }
        report.losses[lossCount...].sort { ($0.offset ?? 0) < ($1.offset ?? 0) }
        let lost = walk.damage.last?.positions?.upperBound.rawValue ?? 0
        expected = max(expected, walk.chain.nextPosition, successor ?? 0, lost + 1)
        report.byteCount += walk.chain.offset
        reportProgress(walk.chain.offset, isEnd: true)
        if !isFollowed, Self.isEndUnknown(walk, file) {
            let reason =
                "the medium did not give back what stands here or follows, so that nothing tells where the events end"
            let offset = walk.chain.offset
            // What the mark says was there is listed as lost already.
            if lost >= walk.chain.nextPosition {
                report.notes.append(SalvageNote(segment: header.number, offset: offset, reason: reason))
            } else {
                lose(header.number, reason, offset: offset)
            }
        } else if let rest = walk.behindEnd {
            report.notes.append(
                SalvageNote(
                    segment: header.number, offset: rest.offset,
                    reason:
                        "\(rest.commitCount) whole commits with \(rest.eventCount) events stand behind a frame that does not hold, in a part that was not synced; they are copied, though they may never have been acknowledged"
                ))
        } else if walk.ending == .torn {
            report.notes.append(
                SalvageNote(
                    segment: header.number, offset: walk.chain.offset,
                    reason:
                        "what stands behind the last frame that holds was never acknowledged, and is left out"
                ))
        }
        if isFollowed, successor == nil, walk.chain.lastKind != .seal {
            // How far this segment went is as unknown as where the lost one behind it began.
            lose(header.number, "the segment does not end with a seal", offset: walk.chain.offset)
        }
        if !isFollowed, source.isSearched, walk.chain.lastKind == .seal {
            lose(
                header.number + 1,
                "no header of the segment was found, and the one in front of it ends as if there were one")
        }
    }

    /// Whether there may have been more behind the last frame of a store, which the medium did not give back. Where a frame
    /// would begin, zeros that were read are the end; something that is none may have been one that goes on there.
    private static func isEndUnknown(_ walk: SegmentWalk, _ file: SegmentFile) -> Bool {
        let offset = walk.chain.offset
        switch walk.ending {
        case .end: return file.isUnreadable(in: offset ..< offset + Format.frameSizeMin)
        case .torn: return file.isUnreadable(in: offset ..< .max)
        case .sealed, .limit: return false
        }
    }

    private func add(_ region: DamagedRegion) {
        guard let positions = region.positions else {
            report.notes.append(
                SalvageNote(
                    segment: region.segmentNumber, offset: region.offset,
                    reason: "a frame without events does not hold: \(region.reason)"))
            return
        }
        report.losses.append(
            SalvageLoss(
                segment: region.segmentNumber, offset: region.offset, firstPosition: positions.lowerBound,
                lastPosition: positions.upperBound, reason: region.reason))
    }

    private func addLoss(
        _ segment: UInt64, _ offset: Int?, _ positions: ClosedRange<UInt64>, _ reason: String
    ) {
        report.losses.append(
            SalvageLoss(
                segment: segment, offset: offset, firstPosition: Position(positions.lowerBound),
                lastPosition: Position(positions.upperBound), reason: reason))
        expected = positions.upperBound + 1
    }

    /// Copies a commit whose frame holds, whole or not at all.
    private func copy(
        _ commit: CommitHeader, _ bytes: RawSpan, segment: UInt64
    ) throws(StoreError) {
        let positions = commit.firstPosition ... commit.lastPosition
        reportProgress(commit.frame.endOffset, isEnd: false)
        let events: [NewEvent]
        let streams: [StreamEntry]
        do throws(FormatError) {
            events = try memory.events(of: commit, bytes)
            streams = try commit.streams(bytes)
        } catch {
            return addLoss(segment, commit.frame.offset, positions, error.reason)
        }
        let receipt: CommitReceipt
        do throws(StoreError) {
            receipt = try destination.append(events, time: commit.time)
        } catch {
            guard Self.isRefusal(error) else { throw error }
            return addLoss(segment, commit.frame.offset, positions, error.message)
        }
        guard !receipt.wasStoredBefore else {
            return addLoss(
                segment, commit.frame.offset, positions, "an earlier commit of the store has the same events")
        }
        report.commitCount += 1
        report.eventCount += commit.eventCount
        add(positions, at: receipt.firstPosition)
        note(streams, receipt)
        expected = commit.lastPosition + 1
    }

    /// Whether a store refused a commit for what it holds, and wrote nothing.
    private static func isRefusal(_ error: StoreError) -> Bool {
        [.limitExceeded, .invalidArgument, .duplicateEventID, .eventIDReused, .conflict].contains(error.code)
    }

    private func add(_ positions: ClosedRange<UInt64>, at destination: Position) {
        if let last = report.ranges.last, last.source.upperBound.rawValue + 1 == positions.lowerBound,
            last.lastDestination.rawValue + 1 == destination.rawValue
        {
            report.ranges[report.ranges.count - 1].source =
                last.source.lowerBound ... Position(positions.upperBound)
        } else {
            report.ranges.append(
                SalvagedRange(
                    source: Position(positions.lowerBound) ... Position(positions.upperBound),
                    firstDestination: destination))
        }
    }

    /// Takes note of streams whose versions are not what they were.
    private func note(_ streams: [StreamEntry], _ receipt: CommitReceipt) {
        let versions = streams.count > 8 ? receipt.versions : nil
        for stream in streams where stream.eventCount > 0 {
            let id = AggregateID(stream.id.uuid)
            let version = (versions.map { $0[id] } ?? receipt.version(of: id))?.rawValue ?? stream.version
            guard version < stream.version else { continue }
            shifted[
                stream.id,
                default: ShiftedStream(
                    aggregateID: id, firstVersion: Version(stream.previousVersion + 1), lostCount: 0)
            ].lostCount = stream.version - version
        }
    }

    private func reportProgress(_ offset: Int, isEnd: Bool) {
        guard let progress, isEnd || offset - progressCount > 1 << 20 else { return }
        progressCount = isEnd ? 0 : offset
        progress(
            VerificationProgress(
                byteCount: report.byteCount + (isEnd ? 0 : offset), byteCountTotal: byteCountTotal))
    }
}
