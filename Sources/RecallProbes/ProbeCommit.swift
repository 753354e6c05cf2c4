// A commit around bytes that are to be its body, and the segment that it lies in.

internal import Recall
internal import RecallLog

/// What a frame states of a body that nobody has looked at.
struct ProbeCommit {
    let codec: BodyCodec
    /// Whether the bytes are the compressed form already.
    let isCompressed: Bool
    let eventCount: Int
    let streamCount: Int
    /// How often larger than it is a body claims to be that is compressed already.
    let claim: Int
    /// Whether the second stream is a child of the first.
    let hasChildren: Bool

    init(form: UInt8, counts: UInt8) {
        codec =
            [.none, .lz4, .lz4WithDictionary, form & 0b1_0000 == 0 ? .lz4 : .lz4WithDictionary][
                Int(form & 0b11)]
        isCompressed = form & 0b11 == 3
        eventCount = Int(counts & 0b111) + 1
        streamCount = Int(counts >> 3 & 0b11) + 1
        claim = 1 << Int(counts >> 5)
        hasChildren = form & 0b1000 != 0
    }

    var isSimple: Bool { CommitHeader.isSimple(eventCount: eventCount, streamCount: streamCount) }

    var streams: [StreamEntry] {
        (0 ..< streamCount).map { index in
            StreamEntry(
                id: RawIdentifier(high: 0, low: UInt64(index) + 1), root: hasChildren && index > 0 ? 1 : 0,
                previousVersion: UInt64(index) * 100, eventCount: eventCount, lastIndex: eventCount - 1)
        }
    }

    var ids: [RawIdentifier] { (0 ..< eventCount).map { RawIdentifier(high: 0xE, low: UInt64($0)) } }
}

/// Commits of a segment with a dictionary.
struct ProbeBody: ~Copyable {
    let segment: SegmentHeader
    private var writer: ByteWriter
    private var nextPosition: UInt64

    init(segment: SegmentHeader) {
        self.segment = segment
        nextPosition = segment.firstPosition
        writer = ByteWriter(capacity: segment.capacity)
        segment.encode(to: &writer)
        ProbeDictionary.place(behind: segment, in: &writer)
    }

    /// Appends a commit of any body, where it fits.
    mutating func append(_ commit: ProbeCommit, body: RawSpan) {
        var packed = ByteWriter()
        var codec = commit.codec
        var rawSize = body.byteCount
        if commit.isCompressed {
            packed.bytes(body)
            rawSize = min(body.byteCount * commit.claim, Format.dictionaryBodySizeMax)
        } else {
            let isPacked =
                switch codec {
                case .none: false
                case .lz4: LZ4.compress(body, to: &packed)
                case .lz4WithDictionary: ProbeDictionary.compress(body, to: &packed)
                }
            if !isPacked {
                codec = .none
                packed.removeAll()
                packed.bytes(body)
            }
        }
        append(
            commit.streams, commit.ids, isSimple: commit.isSimple, codec: codec, rawSize: rawSize,
            bodySize: packed.count
        ) { writer in packed.withBytes { writer.bytes($0) } }
    }

    /// Appends a commit as the engine would.
    mutating func append(_ commit: inout PreparedCommit) {
        let body = ProbeBody.taken(&commit)
        append(
            commit.streams.entries, commit.ids, isSimple: commit.isSimple, codec: commit.body.codec,
            rawSize: commit.body.rawSize, bodySize: commit.body.storedSize
        ) { writer in body.withBytes { writer.bytes($0) } }
    }

    private static func taken(_ commit: inout PreparedCommit) -> ByteWriter {
        var writer = ByteWriter()
        commit.body.write(to: &writer)
        return writer
    }

    private mutating func append(
        _ streams: [StreamEntry], _ ids: [RawIdentifier], isSimple: Bool, codec: BodyCodec, rawSize: Int,
        bodySize: Int, _ writeBody: (inout ByteWriter) -> Void
    ) {
        var head = ByteWriter()
        let watermark = DurableWatermark.position(nextPosition - 1)
        FrameHeader.encode(
            epoch: segment.epoch, nextPosition: nextPosition, watermark: watermark, in: segment, to: &head)
        CommitHeader.encode(
            time: segment.baseTime &+ 5, streams, numbers: StreamNumbers(), ids: ids,
            rawSize: codec == .none ? nil : rawSize, in: segment, to: &head)
        guard writer.count + head.count + bodySize + 64 <= segment.capacity else { return }
        _ = FrameHeader.append(
            to: &writer, kind: .commit, codec: codec, isSimple: isSimple, watermark: watermark,
            nextPosition: nextPosition, head: head, bodySize: bodySize, at: writer.count, in: segment,
            writeBody: writeBody)
        nextPosition += UInt64(ids.count)
    }

    /// The segment.
    func file() throws -> SegmentFile {
        let file = writer.withBytes { ProbeFile($0, size: segment.capacity) }
        return try SegmentFile(header: segment, file: file, start: 0)
    }
}
