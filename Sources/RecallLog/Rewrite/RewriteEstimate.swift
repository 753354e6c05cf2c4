// Whether rewriting a segment is worth it, told from a few commits of it: some make a dictionary, the others are
// compressed with that. Reads some hundred places of the segment, where rewriting reads all of it and more.

internal import Recall

/// What a segment would take if it were rewritten.
struct RewriteEstimate {
    private static let placeCount = 256
    /// One commit in so many is compressed, the others make the dictionary.
    private static let testStride = 4
    /// What a number spares where an id would stand.
    private static let sparedBytes = 14

    private let file: SegmentFile
    /// Of what header, dictionary and frames take now.
    private let usedBytes: Int
    /// Which part of the streams that commits list would be numbered.
    private let numberedShare: Double
    /// Of header, dictionary and frames of the new file; nil where there is nothing to judge by.
    private(set) var bytes: Int?

    /// - Parameters:
    ///   - endPosition: the first position of the next segment.
    ///   - index: that covers the segment, if there is one.
    ///   - offset: of a commit frame at or before a position.
    init(
        _ file: SegmentFile, endPosition: UInt64, index: IndexInput?, offset: (UInt64) -> Int
    ) {
        self.file = file
        let number = file.header.number
        let covered = index.flatMap { $0.coverage.segmentNumber == number ? $0.coverage.endOffset : nil }
        usedBytes = min(file.header.capacity, covered ?? file.header.capacity)
        var share = 0.0
        if let index, index.aggregateCount > 0 {
            let segmentCount = max(1, Int(clamping: index.coverage.segmentNumber - index.firstSegment) + 1)
            let count = index.referenceCount / segmentCount / index.aggregateCount
            if count >= RewriteBudget.referenceCountMin {
                share = min(1, Double(Format.dictionaryIDCountMax) / Double(index.aggregateCount))
            }
        }
        numberedShare = share
        let commits = file.withBytes { bytes in
            Self.sample(file, endPosition: endPosition, bytes, offset: offset)
        }
        bytes = file.withBytes { estimate(commits, $0) }
    }

    /// Whether at least a part of the size is gained: of what is used, or of the file.
    func isWorthIt(gainMin: Double) -> Bool {
        guard let bytes else { return false }
        let capacity = max(bytes, Format.segmentBytesMin)
        return Double(bytes) <= (1 - gainMin) * Double(usedBytes)
            || Double(capacity) <= (1 - gainMin) * Double(file.header.capacity)
    }

    /// Commits from all over the segment; of a small one, several from each place. Fewer where frames do not hold.
    private static func sample(
        _ file: SegmentFile, endPosition: UInt64, _ bytes: RawSpan, offset: (UInt64) -> Int
    ) -> [CommitHeader] {
        let first = file.header.firstPosition
        guard let eventCount = RewriteBudget.eventCount(of: file.header, endPosition: endPosition) else {
            return []
        }
        let places = min(placeCount, max(1, file.header.capacity / IndexFormat.positionPageSize))
        var result: [CommitHeader] = []
        var nextOffset = 0
        for place in 0 ..< places {
            // A segment has fewer events than bytes, so this is far below 2^64.
            var at = offset(first + eventCount * UInt64(place) / UInt64(places))
            guard at >= nextOffset else { continue }
            for _ in 0 ..< placeCount / places {
                guard let frame = try? FrameHeader.decode(bytes, at: at, in: file.header) else { break }
                at = frame.endOffset
                guard frame.kind == .commit,
                    let commit = try? CommitHeader(decoding: frame, bytes, in: file.context)
                else { continue }
                result.append(commit)
            }
            nextOffset = at
        }
        return result
    }

    private func estimate(_ commits: [CommitHeader], _ bytes: RawSpan) -> Int? {
        let budget = RewriteBudget(usedBytes: usedBytes)
        let places = commits.enumerated().filter { $0.offset % Self.testStride != 0 }.map(\.element)
        guard
            let content = try? DictionaryContent.gather(
                from: places, bytes, bytesMax: budget.contentBytesMax)
        else { return nil }
        let dictionary = content.withUnsafeBytes {
            PreparedDictionary($0.bytes, segmentNumber: file.header.number)
        }
        var memory = BodyMemory()
        var before = 0
        var after = 0
        for (index, commit) in commits.enumerated() where index % Self.testStride == 0 {
            guard (try? memory.load(commit, bytes)) != nil else { return nil }
            before += commit.frame.size
            after += commit.frame.size - commit.body.count
            after += storedSize(commit, bytes, memory, dictionary) - sparedBytes(commit, bytes)
        }
        guard before > 0 else { return nil }
        let frameBytes = Double(max(0, usedBytes - file.header.framesOffset))
        let contentBytes = budget.contentBytesMax
        let dictionaryBytes =
            contentBytes > 0 ? Format.dictionaryCopyCount * contentBytes + Format.copyGap : 0
        return Format.headerCopiesSize + dictionaryBytes + Int(frameBytes * Double(after) / Double(before))
    }

    private func storedSize(
        _ commit: CommitHeader, _ bytes: RawSpan, _ memory: borrowing BodyMemory,
        _ dictionary: PreparedDictionary?
    ) -> Int {
        if commit.frame.codec == .lz4, commit.rawSize > Format.dictionaryBodySizeMax {
            return commit.body.count
        }
        var packed = ByteWriter()
        let isSmaller = memory.withBody(of: commit, bytes) { body in
            guard let dictionary, commit.rawSize <= Format.dictionaryBodySizeMax else {
                return LZ4.compress(body, to: &packed)
            }
            return dictionary.compress(body, effort: .dense, to: &packed)
        }
        return isSmaller ? packed.count + 2 : commit.rawSize
    }

    private func sparedBytes(_ commit: CommitHeader, _ bytes: RawSpan) -> Int {
        // A stream takes more than 16 bytes only where its id stands there.
        let streamBytes = commit.idsOffset - commit.streamsOffset
        let idCount = min(commit.streamCount, streamBytes / 17)
        return Int(Double(idCount * Self.sparedBytes) * numberedShare)
    }
}
