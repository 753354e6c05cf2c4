// What a commit frame says without its body: time, streams, versions and event ids. All that the
// indexes are made of, so they are rebuilt without decompressing anything.
// Layout: docs/format.md, "Commit frame".

/// One stream that a commit lists.
package struct StreamEntry: Hashable, Sendable {
    package var id: RawIdentifier
    /// 0 where the stream is its own root, else 1 + the index of its root in the commit.
    package var root: Int
    /// The version before the commit.
    package var previousVersion: UInt64
    /// How many events of the commit are in this stream; 0 for a root whose children alone have some.
    package var eventCount: Int
    /// The index of the last event of the stream or, for a root, of any stream with that root.
    package var lastIndex: Int

    package init(
        id: RawIdentifier, root: Int, previousVersion: UInt64, eventCount: Int, lastIndex: Int
    ) {
        self.id = id
        self.root = root
        self.previousVersion = previousVersion
        self.eventCount = eventCount
        self.lastIndex = lastIndex
    }

    /// The version behind the commit.
    package var version: UInt64 { previousVersion + UInt64(eventCount) }

    package func encode(to writer: inout ByteWriter, isOnly: Bool) {
        writer.identifier(id)
        writer.varint(root)
        writer.varint(previousVersion)
        guard !isOnly else { return }
        writer.varint(eventCount)
        writer.varint(lastIndex)
    }

    @inline(__always)
    package init(
        decoding reader: inout ByteReader, _ bytes: RawSpan, streamCount: Int, commitEventCount: Int
    ) throws(FormatError) {
        id = try reader.identifier(bytes)
        let rawRoot = try reader.varint(bytes)
        guard rawRoot <= UInt64(streamCount) else {
            throw FormatError("a stream names a root that is not there")
        }
        root = Int(rawRoot)
        previousVersion = try reader.varint(bytes)
        guard previousVersion < UInt64.max >> 1 else {
            throw FormatError("a stream has an impossible version")
        }
        if streamCount == 1 {
            eventCount = commitEventCount
            lastIndex = commitEventCount - 1
        } else {
            let count = try reader.varint(bytes)
            let last = try reader.varint(bytes)
            guard count <= UInt64(commitEventCount), last < UInt64(commitEventCount) else { throw .count }
            eventCount = Int(count)
            lastIndex = Int(last)
        }
    }
}

/// The part of a commit frame before its body.
package struct CommitHeader: Hashable, Sendable {
    package var frame: FrameHeader
    /// Microseconds since 1970.
    package var time: Int64
    package var eventCount: Int
    package var streamCount: Int
    /// Where the streams begin; they are read in order.
    package var streamsOffset: Int
    package var idsOffset: Int
    /// Of the body before compression, in bytes.
    package var rawSize: Int
    package var body: Range<Int>

    package var firstPosition: UInt64 { frame.nextPosition }
    package var lastPosition: UInt64 { frame.nextPosition + UInt64(eventCount) - 1 }

    @inline(__always)
    package init(
        decoding frame: FrameHeader, _ bytes: RawSpan, in segment: SegmentHeader
    ) throws(FormatError) {
        guard frame.kind == .commit else { throw FormatError("the frame is no commit") }
        self.frame = frame
        var reader = ByteReader(frame.rest)
        time = segment.baseTime &+ (try reader.zigzag(bytes))
        eventCount = try reader.count(bytes, minimumSize: 16)
        // A stream takes 18 bytes at least: its id and two numbers.
        streamCount = try reader.count(bytes, minimumSize: 18)
        guard eventCount > 0, streamCount > 0 else { throw FormatError("the commit is empty") }
        streamsOffset = reader.offset
        for _ in 0 ..< streamCount {
            _ = try StreamEntry(
                decoding: &reader, bytes, streamCount: streamCount, commitEventCount: eventCount)
        }
        idsOffset = reader.offset
        _ = try reader.take(16 * eventCount)
        switch frame.codec {
        case .none:
            rawSize = reader.remainingCount
        case .lz4:
            let stated = try reader.varint(bytes)
            guard stated <= UInt64(Format.frameSizeMask) else { throw .count }
            rawSize = Int(stated)
        case .lz4WithDictionary:
            throw FormatError("the commit needs a dictionary, which this program does not read")
        }
        body = reader.offset ..< frame.endOffset
    }

    /// The id of the event with this index.
    package func eventID(_ index: Int, _ bytes: RawSpan) -> RawIdentifier {
        RawIdentifier(bytes, at: idsOffset + 16 * index)
    }

    /// The streams in order, read again from checked bytes.
    package func streams(_ bytes: RawSpan) throws(FormatError) -> [StreamEntry] {
        var reader = ByteReader(streamsOffset ..< frame.endOffset)
        var result: [StreamEntry] = []
        result.reserveCapacity(streamCount)
        for _ in 0 ..< streamCount {
            result.append(
                try StreamEntry(
                    decoding: &reader, bytes, streamCount: streamCount, commitEventCount: eventCount))
        }
        return result
    }
}
