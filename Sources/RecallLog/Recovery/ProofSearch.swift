// Looks behind the place where a chain stops, for what tells a torn tail from rot: a frame that proves
// that the bytes at that place had been acknowledged. docs/format.md, "Proof".
//
// A frame whose checksum holds at its place is one, whether this program can read what is in it or not. What is looked at
// is bounded, whatever bytes somebody chose: each byte is gone over a few times, and for no place are more than some hundred
// bytes checksummed. So one search serves a whole walk, and remembers what it has looked at.

package import Recall

/// Searches a segment's bytes behind the ends of a chain, each further on than the one before.
package struct ProofSearch {
    /// What the events between two frames take at least, each, in bytes: so a frame that claims more than fit is none.
    private static let eventSizeMin = 8

    private let file: SegmentFile
    private var ranges: ChecksumRanges?
    private var smallByteCount = 0
    /// The last frame that was asked for a proof, whatever it said.
    private var examined: FrameHeader?

    package init(in file: SegmentFile) { self.file = file }

    /// How many bytes were checksummed.
    package var checksummedByteCount: Int { smallByteCount + (ranges?.readByteCount ?? 0) }

    /// Whole commits behind a place, of the session that it belongs to.
    package struct Commits: Hashable, Sendable {
        package var commitCount = 0
        package var eventCount = 0
        /// Behind the last of them.
        package var endOffset = 0
    }

    /// The first frame behind `offset` that holds at its own place and may belong to the rest of a chain.
    /// - Throws: `unsupported` where that is of a kind that this program does not know; what the disk reports.
    package mutating func frame(
        behind offset: Int, of chain: FrameChain, _ bytes: RawSpan
    ) throws(StoreError) -> FrameHeader? {
        var candidate = offset + 1
        let last = bytes.byteCount - Format.frameSizeMin
        while candidate <= last {
            // No frame begins with eight zeros, so runs of them are stepped over in one go.
            if zeroWord(bytes, at: candidate) {
                guard let data = try nextNonzero(bytes, from: candidate) else { return nil }
                // What lies four bytes into a frame is not zero.
                candidate = max(candidate + 1, data - Format.frameHeadOffset)
                continue
            }
            if let frame = try frame(at: candidate, of: chain, bytes) { return frame }
            candidate += 1
        }
        return nil
    }

    /// How a frame at or behind `first` proves that what the chain stopped at was acknowledged; nil where none does.
    package mutating func proof(
        of chain: FrameChain, from first: FrameHeader, _ bytes: RawSpan
    ) throws(StoreError) -> RecoveryCase? {
        // What proves nothing of one place proves nothing of a later one: none is asked twice.
        var next: FrameHeader? = first
        if let examined, examined.offset > first.offset { next = examined }
        while let frame = next {
            examined = frame
            if frame.nextPosition >= chain.nextPosition, frame.epoch >= chain.epoch {
                if frame.durablePosition >= chain.nextPosition { return .rotProvedByWatermark }
                if frame.kind != .opening, frame.epoch > chain.epoch { return .rotProvedByEpoch }
            }
            next = try self.next(behind: frame, of: chain, bytes)
        }
        return nil
    }

    /// The whole commits behind the end of a chain that are of its last session, where nothing proves more.
    package mutating func commits(
        of chain: FrameChain, from first: FrameHeader?, _ bytes: RawSpan
    ) throws(StoreError) -> Commits {
        var found = Commits()
        var next = first
        while let frame = next {
            if frame.kind == .commit, frame.epoch == chain.epoch {
                found.commitCount += 1
                found.eventCount += CommitHeader.eventCount(of: frame, bytes) ?? 0
                found.endOffset = frame.endOffset
            }
            next = try self.next(behind: frame, of: chain, bytes)
        }
        return found
    }

    private mutating func next(
        behind frame: FrameHeader, of chain: FrameChain, _ bytes: RawSpan
    ) throws(StoreError) -> FrameHeader? {
        if let direct = try self.frame(at: frame.endOffset, of: chain, bytes) { return direct }
        return try self.frame(behind: frame.endOffset, of: chain, bytes)
    }

    private func zeroWord(_ bytes: RawSpan, at offset: Int) -> Bool {
        bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0
    }

    /// The first byte that is not zero, asking the disk where nothing was ever written.
    private func nextNonzero(_ bytes: RawSpan, from start: Int) throws(StoreError) -> Int? {
        var offset = start
        let strideSize = 64 << 10
        while offset < bytes.byteCount {
            let found: Int?
            do throws(DiskError) { found = try file.nextData(from: offset) } catch {
                throw StoreError(error, doing: "look behind the end of segment \(file.header.number)")
            }
            guard let found else { return nil }
            offset = max(offset, found)
            let end = min(bytes.byteCount, offset + strideSize)
            while offset + 8 <= end, zeroWord(bytes, at: offset) { offset += 8 }
            while offset < end, bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == 0 { offset += 1 }
            if offset < end { return offset }
        }
        return nil
    }

    /// The frame at `offset`, where it holds there and may belong to the rest of the chain. What is
    /// cheap to see is looked at before the checksum is computed.
    private mutating func frame(
        at offset: Int, of chain: FrameChain, _ bytes: RawSpan
    ) throws(StoreError) -> FrameHeader? {
        let header = chain.segment.header
        guard let place = FramePlace(bytes, at: offset, in: header), place.epoch >= chain.epoch,
            place.nextPosition >= chain.nextPosition,
            place.nextPosition - chain.nextPosition
                <= UInt64(max(0, offset - chain.offset) / Self.eventSizeMin),
            holds(place, from: chain.offset, header, bytes)
        else { return nil }
        do throws(FormatError) {
            let frame = try FrameHeader.decode(bytes, at: offset, in: header, isChecked: false)
            return frame.kind == .dictionary ? nil : frame
        } catch {
            guard place.isKnown else { throw .newer(segment: header.number, offset: offset) }
            return nil
        }
    }

    /// - Parameter start: where the chain stopped: no place that is looked at later lies in front of it.
    private mutating func holds(
        _ place: FramePlace, from start: Int, _ header: SegmentHeader, _ bytes: RawSpan
    ) -> Bool {
        guard place.size > ChecksumRanges.strideSize, !header.sabotages.contains(.acceptBadChecksum) else {
            smallByteCount += place.size
            return FrameHeader.holds(bytes, from: place.offset, to: place.endOffset, in: header)
        }
        var ranges = self.ranges.take() ?? ChecksumRanges(from: start)
        defer { self.ranges = ranges }
        let seed = FrameHeader.placeChecksum(at: place.offset, in: header)
        let stored = UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: place.offset, as: UInt32.self))
        return stored
            == ranges.checksum(
                bytes, place.offset + Format.frameHeadOffset ..< place.endOffset, after: seed)
    }
}
