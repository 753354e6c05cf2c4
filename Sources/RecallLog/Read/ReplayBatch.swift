// Events that were read ahead by one thread, to be handed out by another: their fields, and copies of the bodies that they
// lie in. The memory is kept for the next batch.

internal import Recall

/// A run of frames of one segment: the unit of reading ahead.
struct ReplayChunk: Sendable {
    var segmentIndex: Int
    var offset: Int
    /// Where the next chunk begins; as the frames' sizes say, which nobody has checked yet.
    var endOffset: Int
    /// Whether no frame of the segment follows.
    var isSegmentEnd: Bool
}

/// What a chunk's frames hold, as far as it could be read.
struct ReplayBatch: EventConsumer, ~Copyable {
    private struct Item {
        var event: EventFields
        var body: Range<Int>
    }

    private(set) var chunk = ReplayChunk(segmentIndex: 0, offset: 0, endOffset: 0, isSegmentEnd: false)
    /// The position that the first frame states; nil before one was read.
    private(set) var firstPosition: UInt64?
    /// Where reading goes on behind the frames that were read.
    private(set) var endOffset = 0
    private(set) var nextPosition: UInt64?
    /// Whether all frames of the chunk were read.
    var isWhole: Bool { endOffset == chunk.endOffset }

    private var items = ReusedArray<Item>(capacity: 1024)
    private var bodies = ByteMemory(capacity: 512 << 10)
    private var body = 0 ..< 0
    private var isBodyKept = false

    /// Reads a chunk, up to the first frame that does not hold or cannot be understood: what is wrong there is for the
    /// thread to say that comes to it in order.
    /// - Parameter start: the first position that is wanted.
    mutating func read(
        _ chunk: ReplayChunk, of file: SegmentFile, start: UInt64, with commits: inout CommitReader
    ) {
        self.chunk = chunk
        firstPosition = nil
        nextPosition = nil
        endOffset = chunk.offset
        items.removeAll()
        bodies.removeAll()
        let context = file.context
        file.withBytes { bytes in
            while endOffset < chunk.endOffset {
                guard let end = try? readFrame(bytes, in: context, start: start, with: &commits) else {
                    return
                }
                endOffset = end
            }
        }
    }

    /// Reads a frame.
    /// - Returns: the offset behind it; nil where the segment is at its end.
    @inline(__always)
    private mutating func readFrame(
        _ bytes: RawSpan, in context: SegmentContext, start: UInt64, with commits: inout CommitReader
    ) throws -> Int? {
        let frame = try FrameHeader.decode(bytes, at: endOffset, in: context.header)
        if let nextPosition { try LogReader.check(frame, isAt: nextPosition) }
        guard frame.kind == .commit else {
            if frame.kind == .seal { return nil }
            if firstPosition == nil { firstPosition = frame.nextPosition }
            nextPosition = frame.nextPosition
            return frame.endOffset
        }
        let commit = try CommitHeader(decoding: frame, bytes, in: context)
        if commit.lastPosition >= start {
            let countBefore = items.count
            do throws(StoreError) {
                _ = try commits.read(commit, bytes, &self)
            } catch {
                // It is read again in order, from its first event.
                items.removeAll(from: countBefore)
                throw error
            }
        }
        if firstPosition == nil { firstPosition = frame.nextPosition }
        nextPosition = commit.lastPosition + 1
        return frame.endOffset
    }

    mutating func begin(_ commit: borrowing CommitHeader) -> WalkStep {
        isBodyKept = false
        return .goOn
    }

    @inline(__always)
    mutating func take(_ event: EventFields, _ bytes: RawSpan) throws(StoreError) -> WalkStep {
        if !isBodyKept {
            body = bodies.append(bytes)
            isBodyKept = true
        }
        items.append(Item(event: event, body: body))
        return .goOn
    }

    /// Hands the events to a consumer.
    @inline(__always)
    borrowing func deliver<Consumer: EventConsumer & ~Copyable>(
        to consumer: inout Consumer
    ) throws(StoreError) -> WalkStep {
        let bodies = self.bodies.bytes
        let all = bodies.bytes
        for index in 0 ..< items.count {
            let body = items[index].body
            if try consumer.take(items[index].event, all.extracting(body)) == .stop { return .stop }
        }
        return .goOn
    }
}
