// Compares a frame of one file of a segment with that of another, by what they say: a rewritten segment says the same as the
// one that was appended, though its frames lie elsewhere and are stored in another form.

internal import Recall

/// Compares frames, with memory that is used again.
final class FrameComparison {
    private var oldMemory = BodyMemory()
    private var newMemory = BodyMemory()

    /// - Throws: what is different.
    func compare(
        _ old: ChainLink, _ oldBytes: RawSpan, _ new: ChainLink, _ newBytes: RawSpan
    ) throws(FormatError) {
        try Self.compare(old.frame, oldBytes, new.frame, newBytes)
        switch (old.commit, new.commit) {
        case (let before?, let after?): try compare(before, oldBytes, after, newBytes)
        case (nil, nil):
            guard
                Self.areEqual(oldBytes.extracting(old.frame.rest), newBytes.extracting(new.frame.rest))
            else { throw FormatError("a frame without events says something else") }
        default: throw FormatError("a frame is of another kind")
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

    static func areEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
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
