// Reading an open log: over everything, or along the frames that list one aggregate, forwards or
// backwards, never further than the published position, and never past damage in silence.

package import Recall

/// Reads events. Any number of threads may, beside the one writer.
package struct LogReader: Sendable {
    /// How many events are looked at for one page at most, so that a filter which matches nothing
    /// does not keep a thread for the whole store.
    static let pageExaminedCountMax = 1 << 16

    package let contents: LogContents
    package let path: String

    package init(contents: LogContents, path: String) {
        self.contents = contents
        self.path = path
    }

    // MARK: Walking over commits

    /// Whether a walk goes on.
    package enum Step: Sendable { case goOn, stop }

    /// Calls `body` with each commit that holds a position from `start` to `end`, in order, with the
    /// bytes of its segment. `end` must not be behind the published position.
    /// - Parameter files: the segments, where places in them are kept beyond the call: a segment may get another file
    ///   between two looks at the contents, and the places of one are nothing in the other.
    package func forEachCommit(
        from start: UInt64, through end: UInt64, in files: [SegmentFile]? = nil,
        _ body: (CommitHeader, RawSpan) throws(StoreError) -> Step
    ) throws(StoreError) {
        guard start <= end else { return }
        let segments = files ?? contents.segments
        var index = max(
            0, partitionIndex(of: segments.count) { segments[$0].header.firstPosition > start } - 1)
        while index < segments.count, segments[index].header.firstPosition <= end {
            let file = segments[index]
            let successor = index + 1 < segments.count ? segments[index + 1].header.firstPosition : nil
            let offset = contents.offset(before: start, in: file)
            let step = try file.withBytes { (bytes) throws(StoreError) -> Step in
                try walk(file, bytes, from: offset, start: start, end: end, successor: successor, body)
            }
            if step == .stop { return }
            index += 1
        }
    }

    /// Walks over the commits of one segment.
    private func walk(
        _ file: SegmentFile, _ bytes: RawSpan, from offset: Int, start: UInt64, end: UInt64,
        successor: UInt64?, _ body: (CommitHeader, RawSpan) throws(StoreError) -> Step
    ) throws(StoreError) -> Step {
        let context = file.context
        var offset = offset
        // Known once the first frame is read, which an index, or the segment's header, vouches for.
        var expected: UInt64? = offset == file.header.framesOffset ? file.header.firstPosition : nil
        let last = successor.map { min(end, $0 - 1) } ?? end
        while expected.map({ $0 <= last }) ?? true {
            let link: ChainLink
            do throws(FormatError) {
                link = try Self.link(at: offset, bytes, in: context)
                if let expected, link.frame.nextPosition != expected {
                    throw FormatError(
                        "the frame states position \(link.frame.nextPosition) where \(expected) is next")
                }
            } catch {
                let (region, next) = damage(
                    at: offset, expected: expected ?? start, in: file, bytes, successor: successor, end: end,
                    reason: error)
                // What is lost lies before what was asked for, or is no event, and the rest can be reached behind it.
                guard let next, region.positions == nil || region.lastPosition < start else {
                    throw region.error(in: path)
                }
                offset = next.frame.offset
                expected = next.frame.nextPosition
                continue
            }
            offset = link.frame.endOffset
            guard let commit = link.commit else {
                if link.frame.kind == .seal { return .goOn }
                expected = link.frame.nextPosition
                continue
            }
            expected = commit.lastPosition + 1
            if commit.lastPosition < start { continue }
            if try body(commit, bytes) == .stop { return .stop }
        }
        return .goOn
    }

    private static func link(
        at offset: Int, _ bytes: RawSpan, in segment: SegmentContext
    ) throws(FormatError) -> ChainLink {
        let frame = try FrameHeader.decode(bytes, at: offset, in: segment.header)
        guard frame.kind == .commit else { return ChainLink(frame: frame, commit: nil) }
        return ChainLink(frame: frame, commit: try CommitHeader(decoding: frame, bytes, in: segment))
    }

    /// What is lost where a frame should be and is not, and the next one that holds.
    private func damage(
        at offset: Int, expected: UInt64, in file: SegmentFile, _ bytes: RawSpan, successor: UInt64?,
        end: UInt64, reason: FormatError
    ) -> (region: DamagedRegion, next: ChainLink?) {
        var chain = FrameChain(IndexCoverage(startOf: file.header), in: file.context)
        chain.offset = offset
        chain.nextPosition = expected
        let next = (try? ProofSearch(behind: chain, in: file).frame(behind: offset, bytes)) ?? nil
        let region = DamagedRegion(
            segmentNumber: file.header.number, offset: offset,
            endOffset: next?.frame.offset ?? bytes.byteCount, firstPosition: expected,
            lastPosition: (next?.frame.nextPosition ?? successor ?? end + 1) - 1, reason: reason.reason)
        return (region, next)
    }

    // MARK: Frames of one aggregate

    /// The commit in the frame at an offset that an index names.
    package func commit(
        at offset: Int, in file: SegmentFile, _ bytes: RawSpan, isChecked: Bool = true
    ) throws(StoreError) -> CommitHeader {
        do throws(FormatError) {
            let frame = try FrameHeader.decode(bytes, at: offset, in: file.header, isChecked: isChecked)
            return try CommitHeader(decoding: frame, bytes, in: file.context)
        } catch {
            throw StoreError(
                .damaged,
                "\(path) is damaged in segment \(file.header.number) at offset \(offset): \(error), so a commit cannot be read; verify the store, then restore a backup or salvage what is whole.",
                cause: error)
        }
    }

    /// What a commit says of one stream.
    package func stream(
        _ id: RawIdentifier, in commit: CommitHeader, _ bytes: RawSpan
    ) throws(StoreError) -> StreamEntry? {
        do throws(FormatError) {
            var reader = commit.streamReader
            for _ in 0 ..< commit.streamCount {
                let entry = try commit.nextStream(&reader, bytes)
                if entry.id == id { return entry }
            }
            return nil
        } catch {
            throw bodyDamage(commit, error)
        }
    }

    /// One event of a commit, copied.
    package func event(_ index: Int, of commit: CommitHeader, _ segment: RawSpan) throws(StoreError)
        -> RecordedEvent?
    {
        do throws(FormatError) {
            var memory = BodyMemory()
            var records = RecordReader()
            try memory.load(commit, segment)
            return try memory.withBody(of: commit, segment) { (body) throws(FormatError) in
                try records.begin(commit, segment: segment, body: body)
                for _ in 0 ..< index { _ = try records.next(segment: segment, body: body) }
                return try records.next(segment: segment, body: body)?.recordedEvent(body)
            }
        } catch {
            throw bodyDamage(commit, error)
        }
    }

    /// The error for a commit whose checksum holds and whose content does not.
    package func bodyDamage(_ commit: CommitHeader, _ error: FormatError) -> StoreError {
        StoreError(
            .damaged,
            "\(path) holds a commit at offset \(commit.frame.offset) of a segment that cannot be understood: \(error); verify the store, then restore a backup or salvage what is whole.",
            cause: error,
            damagedPositions: Position(commit.firstPosition) ... Position(commit.lastPosition))
    }

    /// Where an aggregate stands for readers: behind the last commit that is published.
    package func status(of id: RawIdentifier, published: UInt64) throws(StoreError) -> AggregateStatus? {
        guard let (entry, _) = try contents.aggregate(id) else { return nil }
        if entry.graphPosition <= published {
            return AggregateStatus(
                version: Version(entry.version), graphPosition: Position(entry.graphPosition))
        }
        // The newest commits of the aggregate are on their way to the disk: step back to what is published.
        for references in try contents.references(to: id).reversed() {
            for offset in references.offsets.reversed() {
                let found = try references.file.withBytes { (bytes) throws(StoreError) -> AggregateStatus? in
                    let commit = try commit(at: offset, in: references.file, bytes)
                    guard commit.lastPosition <= published,
                        let stream = try stream(id, in: commit, bytes)
                    else { return nil }
                    return AggregateStatus(
                        version: Version(stream.version),
                        graphPosition: Position(commit.firstPosition + UInt64(stream.lastIndex)))
                }
                if let found { return found }
            }
        }
        return nil
    }
}
