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

    // MARK: Frames of one aggregate

    /// The commit in the frame at an offset that an index names.
    package func commit(
        at offset: Int, in file: SegmentFile, _ bytes: RawSpan
    ) throws(StoreError) -> CommitHeader {
        try commit(at: offset, in: file, file.context, bytes)
    }

    /// Like `commit(at:in:_:)`, for many frames of one segment.
    /// - Parameter context: of the segment.
    @inline(__always)
    package func commit(
        at offset: Int, in file: SegmentFile, _ context: SegmentContext, _ bytes: RawSpan
    ) throws(StoreError) -> CommitHeader {
        do throws(FormatError) {
            let frame = try FrameHeader.decode(bytes, at: offset, in: context.header)
            return try CommitHeader(decoding: frame, bytes, in: context)
        } catch {
            if error.isOfUnknownVersion {
                throw .newer(segment: file.header.number, offset: offset, error)
            }
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
        Self.bodyDamage(commit, error, path: path)
    }

    static func bodyDamage(
        _ commit: borrowing CommitHeader, _ error: FormatError, path: String
    ) -> StoreError {
        bodyDamage(
            at: commit.frame.offset, commit.firstPosition ... commit.lastPosition, error, path: path)
    }

    static func bodyDamage(
        at offset: Int, _ positions: ClosedRange<UInt64>, _ error: FormatError, path: String
    ) -> StoreError {
        guard !error.isOfUnknownVersion else {
            return StoreError(
                .unsupported,
                "\(path) holds a commit at offset \(offset) of a segment that a newer program wrote: \(error); open the store with a newer version.",
                cause: error)
        }
        return StoreError(
            .damaged,
            "\(path) holds a commit at offset \(offset) of a segment that cannot be understood: \(error); verify the store, then restore a backup or salvage what is whole.",
            cause: error,
            damagedPositions: Position(positions.lowerBound) ... Position(positions.upperBound))
    }

    /// Where an aggregate stands for readers: behind the last commit that is published.
    package func status(of id: RawIdentifier, published: UInt64) throws(StoreError) -> AggregateStatus? {
        guard let (entry, _) = try contents.aggregate(id) else { return nil }
        if entry.graphPosition <= published {
            return AggregateStatus(
                version: Version(entry.version), graphPosition: Position(entry.graphPosition))
        }
        // The newest commits of the aggregate are on their way to the disk: step back to what is published.
        for references in try contents.references(to: id, published: published).reversed() {
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
