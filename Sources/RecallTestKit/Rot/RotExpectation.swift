// What must follow from one flipped bit, by the place where it is: which events are lost, what verifying finds, and what a
// salvage lists. Worked out from the whole store alone.

internal import Recall
internal import RecallLog

/// What a byte of a store belongs to.
package enum RotRegion: String, CaseIterable, Sendable {
    case storeHeader = "store header"
    case mark = "marks"
    case segmentHeader = "segment headers"
    case dictionary = "dictionaries"
    case commit = "commits"
    case session = "opening, close and seal frames"
    /// A commit, or a frame without events, that no later one vouches for: a flip there is no other than a torn tail, and whole
    /// commits behind it may have been acknowledged.
    case unproved = "frames that nothing vouches for"
    case unused = "unused rest of segments"
    case index = "indexes"
    case snapshot = "snapshots"
    case lock = "lock"
}

/// Where a bit is flipped.
struct RotPlace: Sendable {
    var path: String
    var offset: Int
}

/// What must be true of a store with one flipped bit.
struct RotExpectation: Sendable {
    var region: RotRegion
    /// The positions of the commit that is lost; nil where none is.
    var lost: ClosedRange<UInt64>?
    /// The last position that is still there. Less than all where a tail that nothing vouches for is cut off.
    var endPosition: UInt64
    /// What stands behind the end, where that is a broken commit that nothing vouches for.
    var behindEnd: Behind?
    /// What verifying finds: one thing, or nothing.
    var finding: Finding?
    /// Whether a salvage has to say more than that nothing is wrong.
    var isNoted = false

    /// Whole commits behind the end. Positions are those of the broken one, and theirs.
    struct Behind: Sendable {
        var broken: ClosedRange<UInt64>
        var positions: ClosedRange<UInt64>
        var commitCount: Int
    }

    struct Finding: Sendable {
        var kind: VerificationFinding.Kind
        var subject: VerificationFinding.Subject
        var segment: UInt64?
        var offset: Int?
    }
}

extension RotStore {
    var endPosition: UInt64 { events.last?.position.rawValue ?? 0 }

    /// What a flip at a place must lead to.
    func expectation(at place: RotPlace) -> RotExpectation {
        if let segment = segments.first(where: { $0.path == place.path }) {
            return expectation(in: segment, place.offset)
        }
        if place.path == Self.path + "/store" {
            let mark = Format.markOffsets.last { $0 <= place.offset }
            if let mark, place.offset < mark + Format.headerSize {
                return RotExpectation(
                    region: .mark, endPosition: endPosition,
                    finding: .init(kind: .file, subject: .mark, segment: nil, offset: mark), isNoted: true)
            }
            let copies = (0 ..< 2).map { HeaderCopies.offset(ofCopy: $0) }
            guard let copy = copies.first(where: { ($0 ..< $0 + Format.headerSize).contains(place.offset) })
            else { return RotExpectation(region: .unused, endPosition: endPosition) }
            return RotExpectation(
                region: .storeHeader, endPosition: endPosition,
                finding: .init(kind: .file, subject: .storeHeader, segment: nil, offset: copy), isNoted: true)
        }
        if place.path.hasPrefix(Self.path + "/indexes/") {
            return RotExpectation(
                region: .index, endPosition: endPosition,
                finding: .init(kind: .index, subject: .index, segment: indexSegment(place.path), offset: nil))
        }
        let isLock = place.path == Self.path + "/lock"
        return RotExpectation(region: isLock ? .lock : .snapshot, endPosition: endPosition)
    }

    /// The first segment that an index covers, by the name of its file.
    private func indexSegment(_ path: String) -> UInt64? {
        UInt64((path.split(separator: "/").last ?? "").prefix(10))
    }

    private func expectation(in segment: RotSegment, _ offset: Int) -> RotExpectation {
        if offset < segment.header.framesOffset {
            let isHeader = offset < Format.headerCopiesSize
            let size = isHeader ? Format.headerSize : segment.header.dictionarySize
            let copies = (0 ..< 2).map { copy in
                isHeader
                    ? HeaderCopies.offset(ofCopy: copy)
                    : SegmentDictionary.offset(ofCopy: copy, in: segment.header)
            }
            guard let copy = copies.first(where: { ($0 ..< $0 + size).contains(offset) }) else {
                return RotExpectation(region: .unused, endPosition: endPosition)
            }
            return RotExpectation(
                region: isHeader ? .segmentHeader : .dictionary, endPosition: endPosition,
                finding: .init(
                    kind: .file, subject: isHeader ? .segmentHeader : .dictionary, segment: segment.number,
                    offset: copy),
                isNoted: true)
        }
        guard let frame = segment.frames.first(where: { $0.range.contains(offset) }) else {
            // Behind the end of the tail something may make it look torn; it is no finding, for stale bytes are normal.
            return RotExpectation(
                region: .unused, endPosition: endPosition,
                isNoted: segment.isLast)
        }
        let finding = RotExpectation.Finding(
            kind: .frames, subject: .frames, segment: segment.number, offset: frame.range.lowerBound)
        guard frame.isProved else {
            // The mark of a closed store speaks of its close frame, and so tells that it was there.
            return RotExpectation(
                region: .unproved, endPosition: frame.positions.lowerBound - 1,
                behindEnd: kind == .crashed ? Self.behind(frame, in: segment) : nil,
                finding: kind == .crashed ? nil : finding, isNoted: true)
        }
        guard frame.positions.isEmpty else {
            return RotExpectation(
                region: .commit, lost: frame.positions.lowerBound ... frame.positions.upperBound - 1,
                endPosition: endPosition, finding: finding)
        }
        return RotExpectation(
            region: .session, endPosition: endPosition, finding: finding, isNoted: true)
    }

    /// The commits behind one that nothing vouches for; nil where there are none, or it is no commit.
    private static func behind(_ frame: RotFrame, in segment: RotSegment) -> RotExpectation.Behind? {
        let later = segment.frames.filter {
            $0.kind == .commit && $0.range.lowerBound > frame.range.lowerBound
        }
        guard !frame.positions.isEmpty, let last = later.last else { return nil }
        return RotExpectation.Behind(
            broken: frame.positions.lowerBound ... frame.positions.upperBound - 1,
            positions: frame.positions.upperBound ... last.positions.upperBound - 1,
            commitCount: later.count)
    }
}
