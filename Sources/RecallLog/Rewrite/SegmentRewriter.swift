// Writes a sealed segment once more, denser: the same frames in the same order, with a dictionary made from the
// segment itself. Only where frames lie, their checksums, the numbers of streams and the form of bodies differ.
// Nothing here counts until `RewriteCheck` has found that what was written says the same.

internal import Recall

/// Writes the frames of one segment to another file. Used once, by one thread.
package final class SegmentRewriter {
    private let source: SegmentFile
    private var header: SegmentHeader
    private let endOffsetMax: Int
    private var preamble = ByteWriter()
    private let dictionary: PreparedDictionary?
    private let numbers: StreamNumbers
    private var buffer = ByteWriter(capacity: bufferBytes + (64 << 10))
    /// Where the first byte of the buffer goes.
    private var bufferOffset: Int
    private var head = ByteWriter()
    private var packed = ByteWriter()
    private var memory = BodyMemory()

    /// So much is written at a time; a log that closes waits for no more than that.
    private static let bufferBytes = 256 << 10
    private static let blockBytes = 4096

    /// Reads the segment once, to see whether it is whole and to make the dictionary.
    /// - Parameters:
    ///   - endPosition: the first position of the next segment.
    ///   - randomBits: of which the salt is made that ties frames and indexes to the new file.
    ///   - pause: is called now and then, and throws where the rewriting is to end.
    package init(
        _ source: SegmentFile, endPosition: UInt64, randomBits: UInt64,
        pause: () throws(RewriteError) -> Void = {}
    ) throws(RewriteError) {
        guard source.withBytes({ Self.headerCopiesAreEqual($0) }) else {
            throw .damaged("a copy of the header does not hold")
        }
        guard source.withBytes({ Self.hasNoExtension($0) }) else {
            throw .unfit("the header of the segment has extensions that this program does not know")
        }
        let survey = try SegmentSurvey(source, endPosition: endPosition, pause: pause)
        self.source = source
        endOffsetMax = survey.endOffset
        header = source.header
        // Never the old one: an index of the old file must not pass for one of the new.
        let salt = UInt32(truncatingIfNeeded: randomBits)
        header.salt = salt == source.header.salt ? ~salt : salt
        header.isRewritten = true
        header.dictionarySize = 0
        let number = header.number
        let content = survey.content[...]
        dictionary = PreparedDictionary(content.span.bytes, segmentNumber: number)
        if dictionary != nil {
            header.dictionarySize = SegmentDictionary.encodedSize(
                idCount: survey.streamIDs.count, contentSize: survey.content.count, in: header)
            numbers = StreamNumbers(survey.streamIDs)
        } else {
            numbers = StreamNumbers()
        }
        bufferOffset = header.framesOffset
        preamble.pad(to: Format.headerCopiesSize)
        guard dictionary != nil else { return }
        SegmentDictionary.encode(
            ids: survey.streamIDs, content: content.span.bytes, in: header, to: &preamble)
    }

    private static func headerCopiesAreEqual(_ segment: RawSpan) -> Bool {
        (0 ..< Format.headerSize).allSatisfy { offset in
            segment.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                == segment.unsafeLoad(
                    fromByteOffset: HeaderCopies.offset(ofCopy: 1) + offset, as: UInt8.self)
        }
    }

    private static func hasNoExtension(_ segment: RawSpan) -> Bool {
        (Format.segmentExtensionsOffset ..< Format.headerChecksumOffset).allSatisfy {
            segment.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0
        }
    }

    /// Writes the whole segment to an empty file and makes it durable there.
    /// - Returns: the header that it got.
    package func write(
        to file: any DiskFile, pause: () throws(RewriteError) -> Void = {}
    ) throws(RewriteError) -> SegmentHeader {
        try source.withBytes { (bytes) throws(RewriteError) in try writeFrames(bytes, file, pause) }
        try flush(file)
        let blockCount = (bufferOffset + Self.blockBytes - 1) / Self.blockBytes
        // A reader holds a dictionary of more than half of the segment for nonsense.
        let capacity = max(
            blockCount * Self.blockBytes, 2 * header.framesOffset, Format.segmentBytesMin)
        guard capacity <= Format.segmentBytesMax else { throw .unfit("the segment would be too large") }
        header.capacity = capacity
        var copies = ByteWriter(capacity: Format.headerCopiesSize)
        header.encode(to: &copies)
        do throws(DiskError) {
            try file.truncate(to: capacity)
            try preamble.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            try copies.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            if !header.sabotages.contains(.renameUnsyncedSegment) { try file.sync() }
        } catch { throw .disk(error) }
        return header
    }

    private func writeFrames(
        _ bytes: RawSpan, _ file: any DiskFile, _ pause: () throws(RewriteError) -> Void
    ) throws(RewriteError) {
        var chain = FrameChain(IndexCoverage(startOf: source.header), in: source.context)
        while chain.lastKind != .seal {
            do throws(FormatError) {
                let link = try chain.next(bytes)
                if let commit = link.commit { try place(commit, bytes) } else { place(link.frame, bytes) }
            } catch { throw .damaged(error.reason) }
            guard buffer.count >= Self.bufferBytes else { continue }
            try pause()
            try flush(file)
        }
    }

    private func flush(_ file: any DiskFile) throws(RewriteError) {
        guard bufferOffset + buffer.count <= endOffsetMax else {
            throw .unfit("the segment would not become smaller")
        }
        do throws(DiskError) {
            try buffer.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: bufferOffset) }
        } catch { throw .disk(error) }
        bufferOffset += buffer.count
        buffer.removeAll()
    }

    // MARK: Frames

    /// Places a commit: what it says is the same, the streams and the body may be stored in another way.
    private func place(_ commit: CommitHeader, _ bytes: RawSpan) throws(FormatError) {
        let streams = try commit.streams(bytes)
        let ids = try commit.eventIDs(bytes)
        let codec = try compress(commit, bytes)
        let watermark = Self.watermark(of: commit.frame, bytes)
        head.removeAll()
        FrameHeader.encode(
            epoch: commit.frame.epoch, nextPosition: commit.firstPosition, watermark: watermark, in: header,
            to: &head)
        CommitHeader.encode(
            time: commit.time, streams, numbers: numbers, ids: ids,
            rawSize: codec == .none ? nil : commit.rawSize, in: header, to: &head)
        let bodySize = codec == .none ? commit.rawSize : packed.count
        _ = FrameHeader.append(
            to: &buffer, kind: .commit, codec: codec,
            isSimple: CommitHeader.isSimple(eventCount: ids.count, streamCount: streams.count),
            watermark: watermark, nextPosition: commit.firstPosition, head: head, bodySize: bodySize,
            at: bufferOffset + buffer.count, in: header
        ) { writer in
            if codec == .none {
                memory.withBody(of: commit, bytes) { writer.bytes($0) }
            } else {
                packed.withBytes { writer.bytes($0) }
            }
        }
    }

    /// Places an opening, close or seal frame: its rest says nothing of where anything lies.
    private func place(_ frame: FrameHeader, _ bytes: RawSpan) {
        let watermark = Self.watermark(of: frame, bytes)
        head.removeAll()
        FrameHeader.encode(
            epoch: frame.epoch, nextPosition: frame.nextPosition, watermark: watermark, in: header, to: &head)
        let rest = bytes.extracting(frame.rest)
        _ = FrameHeader.append(
            to: &buffer, kind: frame.kind, codec: frame.codec, watermark: watermark,
            nextPosition: frame.nextPosition, head: head, bodySize: frame.rest.count,
            at: bufferOffset + buffer.count, in: header
        ) { $0.bytes(rest) }
    }

    /// The watermark that a frame states, in the form in which it does.
    static func watermark(of frame: FrameHeader, _ bytes: RawSpan) -> DurableWatermark {
        let byte = bytes.unsafeLoad(fromByteOffset: frame.offset + Format.frameHeadOffset, as: UInt8.self)
        let form = byte >> Format.watermarkShift & Format.watermarkMask
        return form == Format.watermarkIsAbsent ? .none : .position(frame.durablePosition)
    }

    // MARK: Bodies

    /// Leaves the body in `memory` or, compressed, in `packed`.
    private func compress(_ commit: CommitHeader, _ bytes: RawSpan) throws(FormatError) -> BodyCodec {
        packed.removeAll()
        try memory.load(commit, bytes)
        if commit.rawSize <= Format.dictionaryBodySizeMax, let dictionary {
            let isSmaller = memory.withBody(of: commit, bytes) { body in
                dictionary.compress(body, effort: .dense, to: &packed)
            }
            // A compressed body is stored with its size.
            return isSmaller && packed.count + 2 < commit.rawSize ? .lz4WithDictionary : .none
        }
        guard commit.frame.codec == .lz4 else { return compressAlone(commit, bytes) }
        packed.bytes(bytes.extracting(commit.body))
        return .lz4
    }

    private func compressAlone(_ commit: CommitHeader, _ bytes: RawSpan) -> BodyCodec {
        let isSmaller = memory.withBody(of: commit, bytes) { LZ4.compress($0, to: &packed) }
        return isSmaller && packed.count + 4 < commit.rawSize ? .lz4 : .none
    }
}
