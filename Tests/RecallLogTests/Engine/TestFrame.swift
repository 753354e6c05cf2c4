// Commit frames as a writer would make them, for a place, a position and a watermark of choice.

import Recall
import RecallLog

enum TestFrame {
    /// The frame of a commit of one event, its body not compressed.
    static func commit(
        _ event: NewEvent, at offset: Int, position: UInt64, durable: UInt64, epoch: UInt32 = 1,
        version: UInt64, time: Int64, in header: SegmentHeader
    ) -> [UInt8] {
        let stream = StreamEntry(
            id: RawIdentifier(event.aggregateID.uuid), root: 0, previousVersion: version - 1, eventCount: 1,
            lastIndex: 0)
        let watermark = DurableWatermark.position(durable)
        var head = ByteWriter()
        FrameHeader.encode(
            epoch: epoch, nextPosition: position, watermark: watermark, in: header, to: &head)
        CommitHeader.encode(
            time: time, [stream], numbers: StreamNumbers(), ids: [RawIdentifier(event.id.uuid)], rawSize: nil,
            in: header, to: &head)
        var body = ByteWriter()
        CommitBody.encode([event], streamIndexes: [0], typeIndexes: [0], to: &body)
        var frame = ByteWriter()
        _ = FrameHeader.append(
            to: &frame, kind: .commit, isSimple: true, watermark: watermark, nextPosition: position,
            head: head, bodySize: body.count, at: offset, in: header
        ) { frame in body.withBytes { frame.bytes($0) } }
        return frame.withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    /// The bytes of a frame with the checksum that they should have at their place.
    static func sealed(_ bytes: [UInt8], at offset: Int, in header: SegmentHeader) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes(bytes.span.bytes)
        FrameHeader.finish(&writer, from: 0, at: offset, in: header)
        return writer.withBytes { $0.withUnsafeBytes { Array($0) } }
    }

    /// A seal that says all before it is durable.
    static func seal(
        at offset: Int, position: UInt64, frameCount: UInt64 = 1, in header: SegmentHeader
    ) -> [UInt8] {
        let watermark = DurableWatermark.position(position - 1)
        var head = ByteWriter()
        FrameHeader.encode(
            epoch: header.epoch, nextPosition: position, watermark: watermark, in: header, to: &head)
        SessionFrame(
            time: header.baseTime, eventCount: position - header.firstPosition, frameCount: frameCount
        )
        .encode(to: &head, kind: .seal, in: header)
        var frame = ByteWriter()
        _ = FrameHeader.append(
            to: &frame, kind: .seal, watermark: watermark, nextPosition: position, head: head, at: offset,
            in: header)
        return frame.withBytes { $0.withUnsafeBytes { Array($0) } }
    }
}
