// The frames that hold no event: a session's opening and close, and the seal of a full segment.
// Layout: docs/format.md, "Frames".

/// What an opening, close or seal frame says beyond the common part.
package struct SessionFrame: Hashable, Sendable {
    /// Microseconds since 1970.
    package var time: Int64
    /// Of the whole segment; 0 except in a seal frame.
    package var eventCount: UInt64 = 0
    package var frameCount: UInt64 = 0

    package init(time: Int64, eventCount: UInt64 = 0, frameCount: UInt64 = 0) {
        self.time = time
        self.eventCount = eventCount
        self.frameCount = frameCount
    }

    package func encode(to writer: inout ByteWriter, kind: FrameKind, in segment: SegmentHeader) {
        writer.zigzag(time &- segment.baseTime)
        if kind == .seal {
            writer.varint(eventCount)
            writer.varint(frameCount)
            writer.varint(0)
        }
    }

    package init(
        decoding frame: FrameHeader, _ bytes: RawSpan, in segment: SegmentHeader
    ) throws(FormatError) {
        var reader = ByteReader(frame.rest)
        time = segment.baseTime &+ (try reader.zigzag(bytes))
        guard frame.kind == .seal else { return }
        eventCount = try reader.varint(bytes)
        frameCount = try reader.varint(bytes)
        _ = try HeaderExtensions(bytes, in: try reader.sized(bytes), of: "seal")
    }
}
