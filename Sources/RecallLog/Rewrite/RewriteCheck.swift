// Reads a rewritten segment back and compares all that it says with the segment whose place it is to take. The only
// place where acknowledged data is replaced depends on this: what passes here says the same, frame by frame.

internal import Recall

/// Compares two files of one segment. Used once, by one thread.
package final class RewriteCheck {
    private let old: SegmentFile
    private let new: SegmentFile
    private var chain: FrameChain
    private let comparison = FrameComparison()
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
        let isEmptyBehind = new.withBytes { Self.isZero($0, end ..< $0.byteCount) }
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
        guard Self.gaps(of: expected).allSatisfy({ Self.isZero(bytes, $0) }) else {
            throw .different("something stands between the copies of the header or the dictionary")
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

    /// What lies between the copies of what stands twice.
    private static func gaps(of header: SegmentHeader) -> [Range<Int>] {
        let headers = Format.headerSize ..< HeaderCopies.offset(ofCopy: 1)
        guard header.dictionarySize > 0 else { return [headers] }
        let first = SegmentDictionary.offset(ofCopy: 0, in: header) + header.dictionarySize
        return [headers, first ..< SegmentDictionary.offset(ofCopy: 1, in: header)]
    }

    private static func isZero(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        range.allSatisfy { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0 }
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
            do throws(FormatError) { try comparison.compare(before, oldBytes, link, bytes) } catch {
                throw .different("\(error.reason), at offset \(link.frame.offset)")
            }
        }
    }
}
