// What a commit frame says without its body: time, streams, versions and event ids. All that the
// indexes are made of, so they are rebuilt without decompressing anything.
// Layout: docs/format.md, "Commit frame".

/// The part of a commit frame before its body.
package struct CommitHeader: Hashable, Sendable {
    package var frame: FrameHeader
    /// The segment's dictionary, where it has one that holds.
    package var dictionary: SegmentDictionary?
    /// Microseconds since 1970.
    package var time: Int64
    package var eventCount: Int
    package var streamCount: Int
    /// The first stream, and the only one of a simple commit.
    package var firstStream: StreamEntry
    /// Where the streams begin; they are read in order.
    package var streamsOffset: Int
    /// Where the event ids begin; they are read in order.
    package var idsOffset: Int
    /// Of the body before compression, in bytes.
    package var rawSize: Int
    package var body: Range<Int>

    package var firstPosition: UInt64 { frame.nextPosition }
    package var lastPosition: UInt64 { frame.nextPosition + UInt64(eventCount) - 1 }

    @inline(__always)
    package init(
        decoding frame: FrameHeader, _ bytes: RawSpan, in segment: SegmentContext
    ) throws(FormatError) {
        guard frame.kind == .commit else { throw FormatError("the frame is no commit") }
        self.frame = frame
        dictionary = segment.dictionary
        var reader = ByteReader(frame.rest)
        time = segment.header.baseTime &+ (try reader.zigzag(bytes))
        if frame.isSimple {
            eventCount = 1
            streamCount = 1
        } else {
            eventCount = try reader.count(bytes, minimumSize: PackedEventID.sizeMin)
            streamCount = try reader.count(bytes, minimumSize: StreamEntry.sizeMin)
            guard eventCount > 0, streamCount > 0 else { throw FormatError("the commit is empty") }
        }
        streamsOffset = reader.offset
        firstStream = try StreamEntry(
            decoding: &reader, bytes, isSimple: frame.isSimple, commitEventCount: eventCount,
            streamCount: streamCount, dictionary: segment.dictionary)
        for _ in 1 ..< streamCount {
            _ = try StreamEntry(
                decoding: &reader, bytes, isSimple: false, commitEventCount: eventCount,
                streamCount: streamCount, dictionary: segment.dictionary)
        }
        idsOffset = reader.offset
        for _ in 0 ..< eventCount { try PackedEventID.skip(&reader, bytes) }
        switch frame.codec {
        case .none: rawSize = reader.remainingCount
        case .lz4WithDictionary:
            rawSize = Int(try reader.varint(bytes, max: UInt64(Format.dictionaryBodySizeMax)))
            guard segment.dictionary != nil else {
                throw FormatError("the commit needs the segment's dictionary, and none holds")
            }
        case .lz4:
            rawSize = Int(try reader.varint(bytes, max: UInt64(Format.frameSizeMax)))
        }
        body = reader.offset ..< frame.endOffset
    }

    /// How many events the frame of a commit holds, which can be told even where its streams cannot be read; nil where that
    /// is not a number that can be.
    static func eventCount(of frame: FrameHeader, _ bytes: RawSpan) -> Int? {
        if frame.isSimple { return 1 }
        var reader = ByteReader(frame.rest)
        guard frame.kind == .commit, (try? reader.varint(bytes)) != nil,
            let count = try? reader.count(bytes, minimumSize: PackedEventID.sizeMin), count > 0
        else { return nil }
        return count
    }

    /// Writes what stands between the common part of a frame and the body.
    /// - Parameters:
    ///   - numbers: the streams that the segment's dictionary numbers.
    ///   - rawSize: of the body before compression; nil where it is stored as it is.
    @inline(__always)
    package static func encode(
        time: Int64, _ streams: [StreamEntry], numbers: borrowing StreamNumbers, ids: [RawIdentifier],
        rawSize: Int?, in segment: SegmentHeader, to writer: inout ByteWriter
    ) {
        let isSimple = isSimple(eventCount: ids.count, streamCount: streams.count)
        writer.zigzag(time &- segment.baseTime)
        if !isSimple {
            writer.varint(ids.count)
            writer.varint(streams.count)
        }
        for stream in streams {
            stream.encode(
                to: &writer, number: numbers.number(of: stream.id), isSimple: isSimple,
                isOnly: streams.count == 1)
        }
        for id in ids { PackedEventID.encode(id, time: time, to: &writer) }
        if let rawSize { writer.varint(rawSize) }
    }

    /// Whether a commit takes the short form. With one stream, that stream is its own root.
    @inline(__always)
    package static func isSimple(eventCount: Int, streamCount: Int) -> Bool {
        eventCount == 1 && streamCount == 1
    }

    /// What the streams are read with, in order, by `nextStream`.
    package var streamReader: ByteReader { ByteReader(streamsOffset ..< idsOffset) }
    /// What the event ids are read with, in order, by `nextEventID`.
    package var eventIDReader: ByteReader { ByteReader(idsOffset ..< body.lowerBound) }

    @inline(__always)
    package func nextStream(_ reader: inout ByteReader, _ bytes: RawSpan) throws(FormatError) -> StreamEntry {
        try StreamEntry(
            decoding: &reader, bytes, isSimple: frame.isSimple, commitEventCount: eventCount,
            streamCount: streamCount, dictionary: dictionary)
    }

    @inline(__always)
    package func nextEventID(
        _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(FormatError) -> RawIdentifier {
        try PackedEventID.decode(&reader, bytes, time: time)
    }

    /// The streams in order, read again from checked bytes.
    package func streams(_ bytes: RawSpan) throws(FormatError) -> [StreamEntry] {
        var reader = streamReader
        var result: [StreamEntry] = []
        result.reserveCapacity(streamCount)
        for _ in 0 ..< streamCount { result.append(try nextStream(&reader, bytes)) }
        return result
    }

    /// The event ids in order, read again from checked bytes.
    package func eventIDs(_ bytes: RawSpan) throws(FormatError) -> [RawIdentifier] {
        var reader = eventIDReader
        var result: [RawIdentifier] = []
        result.reserveCapacity(eventCount)
        for _ in 0 ..< eventCount { result.append(try nextEventID(&reader, bytes)) }
        return result
    }
}
