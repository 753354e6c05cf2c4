// Reads a rewritten segment back and compares all that it says with the segment whose place it is to take. The only
// place where acknowledged data is replaced depends on this: what passes here says the same, frame by frame.

internal import Recall

/// Compares two files of one segment. Used once, by one thread.
package final class RewriteCheck {
    private let old: SegmentFile
    private let new: SegmentFile
    private var chain: FrameChain
    private var oldMemory = BodyMemory()
    private var newMemory = BodyMemory()
    /// What ended the walk over the new file.
    private var failure: RewriteError?
    private var pausedOffset = 0

    private static let pauseBytes = 1 << 20

    package init(old: SegmentFile, new: SegmentFile) {
        self.old = old
        self.new = new
        chain = FrameChain(IndexCoverage(startOf: old.header), in: old.context)
    }

    /// Compares everything, and makes the index of the new file.
    /// - Parameters:
    ///   - endPosition: the first position of the next segment.
    ///   - pause: is called now and then, and throws where the rewriting is to end.
    package func index(
        endPosition: UInt64, pause: () throws(RewriteError) -> Void = {}
    ) throws(RewriteError) -> ActiveIndex {
        try new.withBytes { (bytes) throws(RewriteError) in try compareHeaders(bytes) }
        let scan: SegmentScan
        do throws(StoreError) {
            scan = try SegmentScan(
                new, from: IndexCoverage(startOf: new.header), successorPosition: endPosition
            ) { (link, bytes) throws(StoreError) in
                do throws(RewriteError) { try compare(link, bytes, pause) } catch {
                    failure = error
                    throw StoreError(.unavailable, error.reason)
                }
            }
        } catch { throw failure ?? RewriteError(error) }
        if let damage = scan.damage.first { throw .different(damage.reason) }
        guard scan.ending == .sealed, chain.lastKind == .seal, scan.chain.nextPosition == chain.nextPosition
        else { throw .different("it does not end with the same seal") }
        // The map goes on behind the seal; nothing may stand there.
        let end = scan.chain.offset
        let isEmptyBehind = new.withBytes { bytes in
            (end ..< bytes.byteCount).allSatisfy { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0 }
        }
        guard isEmptyBehind else { throw .different("something stands behind the seal") }
        return scan.index
    }

    /// The header as it is stored, and the dictionary: both copies of each must hold.
    private func compareHeaders(_ bytes: RawSpan) throws(RewriteError) {
        var expected = old.header
        expected.salt = new.header.salt
        expected.capacity = new.header.capacity
        expected.dictionarySize = new.header.dictionarySize
        expected.isRewritten = true
        let damage = HeaderCopies.damage(in: bytes, taken: expected) { (copy) throws(FormatError) in
            try SegmentHeader(decoding: copy)
        }
        guard damage.isEmpty, expected.salt != old.header.salt else {
            throw .different("the header of the segment is another")
        }
        let size = expected.dictionarySize
        for copy in 0 ..< (size > 0 ? Format.dictionaryCopyCount : 0) {
            let frame = try? FrameHeader.decode(
                bytes, at: SegmentDictionary.offset(ofCopy: copy, in: expected), in: expected)
            guard let frame, frame.kind == .dictionary, frame.size == size else {
                throw .different("a copy of the dictionary does not hold")
            }
        }
    }

    /// Compares a frame of the new file with the next one of the old.
    private func compare(
        _ link: ChainLink, _ bytes: RawSpan, _ pause: () throws(RewriteError) -> Void
    ) throws(RewriteError) {
        if link.frame.endOffset - pausedOffset >= Self.pauseBytes {
            pausedOffset = link.frame.endOffset
            try pause()
        }
        try old.withBytes { (oldBytes) throws(RewriteError) in
            let before: ChainLink
            do throws(FormatError) { before = try chain.next(oldBytes) } catch {
                throw .damaged(error.reason)
            }
            do throws(FormatError) {
                try Self.compare(before.frame, oldBytes, link.frame, bytes)
                switch (before.commit, link.commit) {
                case (let before?, let after?): try compare(before, oldBytes, after, bytes)
                case (nil, nil):
                    guard
                        Self.areEqual(
                            oldBytes.extracting(before.frame.rest), bytes.extracting(link.frame.rest))
                    else { throw FormatError("a frame without events says something else") }
                default: throw FormatError("a frame is of another kind")
                }
            } catch { throw .different("\(error.reason), at offset \(link.frame.offset)") }
        }
    }

    private static func compare(
        _ old: FrameHeader, _ oldBytes: RawSpan, _ new: FrameHeader, _ newBytes: RawSpan
    ) throws(FormatError) {
        guard old.kind == new.kind, old.epoch == new.epoch, old.nextPosition == new.nextPosition,
            old.durablePosition == new.durablePosition,
            SegmentRewriter.watermark(of: old, oldBytes) == SegmentRewriter.watermark(of: new, newBytes)
        else { throw FormatError("a frame states another kind, epoch, position or watermark") }
    }

    private func compare(
        _ old: CommitHeader, _ oldBytes: RawSpan, _ new: CommitHeader, _ newBytes: RawSpan
    ) throws(FormatError) {
        guard old.time == new.time, old.eventCount == new.eventCount, old.streamCount == new.streamCount,
            old.rawSize == new.rawSize
        else { throw FormatError("a commit states another time or count") }
        var (oldStreams, newStreams) = (old.streamReader, new.streamReader)
        for _ in 0 ..< old.streamCount {
            guard try old.nextStream(&oldStreams, oldBytes) == new.nextStream(&newStreams, newBytes) else {
                throw FormatError("a commit lists another stream or version")
            }
        }
        var (oldIDs, newIDs) = (old.eventIDReader, new.eventIDReader)
        for _ in 0 ..< old.eventCount {
            guard try old.nextEventID(&oldIDs, oldBytes) == new.nextEventID(&newIDs, newBytes) else {
                throw FormatError("an event has another id")
            }
        }
        try oldMemory.load(old, oldBytes)
        try newMemory.load(new, newBytes)
        let isSame = oldMemory.withBody(of: old, oldBytes) { oldBody in
            newMemory.withBody(of: new, newBytes) { Self.areEqual(oldBody, $0) }
        }
        guard isSame else { throw FormatError("the body of a commit is another") }
    }

    private static func areEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        var offset = 0
        while offset + 8 <= left.byteCount {
            let word = left.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard word == right.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) else {
                return false
            }
            offset += 8
        }
        while offset < left.byteCount {
            let byte = left.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            guard byte == right.unsafeLoad(fromByteOffset: offset, as: UInt8.self) else { return false }
            offset += 1
        }
        return true
    }
}
