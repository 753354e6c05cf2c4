// Cuts frames into chunks by hopping from one to the next, reading no more of each than its size. Nothing here is checked:
// a wrong size makes a chunk whose frames do not hold, and from there on everything is read in order.

internal import Recall

/// Finds the chunks of a replay in order.
struct ReplayPlanner: Sendable {
    /// How many bytes of frames a chunk has, about: small enough for the caches of a processor.
    private static let chunkBytes = 128 << 10

    private let segments: [SegmentFile]
    private var place: WalkPlace
    /// The segment and offset that no chunk goes beyond: a frame behind it may not be published yet.
    private let limit: (segmentIndex: Int, offset: Int)
    private(set) var isAtEnd: Bool

    init(_ segments: [SegmentFile], from place: WalkPlace, limit: (segmentIndex: Int, offset: Int)) {
        self.segments = segments
        self.place = place
        self.limit = limit
        isAtEnd = Self.isBehind(place, limit)
    }

    /// How many bytes there are to read, at most.
    var byteCountMax: Int {
        guard !isAtEnd else { return 0 }
        var total = limit.offset - place.offset
        for index in place.segmentIndex ..< limit.segmentIndex { total += segments[index].header.capacity }
        return total
    }

    mutating func next() -> ReplayChunk? {
        guard !isAtEnd else { return nil }
        let file = segments[place.segmentIndex]
        let isLast = place.segmentIndex == limit.segmentIndex
        let start = place.offset
        var end = start
        var isSegmentEnd = false
        file.withBytes { bytes in
            let limitOffset = isLast ? min(limit.offset, bytes.byteCount) : bytes.byteCount
            while end < limitOffset, end - start < Self.chunkBytes {
                guard let size = FrameHeader.unverifiedSize(bytes, at: end) else {
                    isSegmentEnd = true
                    return
                }
                end += size
            }
        }
        let chunk = ReplayChunk(
            segmentIndex: place.segmentIndex, offset: start, endOffset: end,
            isSegmentEnd: isSegmentEnd && !isLast)
        if chunk.isSegmentEnd {
            place = WalkPlace(
                segmentIndex: place.segmentIndex + 1,
                offset: segments[place.segmentIndex + 1].header.framesOffset)
        } else {
            place.offset = end
            // Where the last segment's frames end before the limit, the walk in order says why.
            isAtEnd = isSegmentEnd
        }
        isAtEnd = isAtEnd || Self.isBehind(place, limit)
        return chunk
    }

    private static func isBehind(_ place: WalkPlace, _ limit: (segmentIndex: Int, offset: Int)) -> Bool {
        place.segmentIndex > limit.segmentIndex
            || (place.segmentIndex == limit.segmentIndex && place.offset >= limit.offset)
    }
}
