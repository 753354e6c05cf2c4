// How much of a segment is copied. A commit is never divided.

/// The frames of a segment, or those before an offset.
enum SegmentPart: Hashable, Sendable {
    /// All of it, with the seal, which stands where the next segment begins.
    case sealed(nextPosition: UInt64)
    /// The frames before an offset, which is the end of one.
    case frames(endOffset: Int, nextPosition: UInt64)

    /// The position behind the last event.
    var nextPosition: UInt64 {
        switch self {
        case .sealed(let position), .frames(_, let position): position
        }
    }

    /// Whether nothing is missing behind a chain.
    func isComplete(at chain: FrameChain) -> Bool {
        switch self {
        case .sealed: chain.lastKind == .seal
        case .frames(let endOffset, _): chain.offset >= endOffset || chain.lastKind == .seal
        }
    }

    /// About how many bytes are copied: a segment is not read to find out.
    func byteCount(of header: SegmentHeader) -> Int {
        switch self {
        case .sealed: header.capacity
        case .frames(let endOffset, _): endOffset
        }
    }
}
