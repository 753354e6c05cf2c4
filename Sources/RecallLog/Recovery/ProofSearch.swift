// Looks behind the place where a chain stops, for what tells a torn tail from rot: a frame that proves
// that the bytes at that place had been acknowledged. docs/format.md, "Proof".

/// Searches a segment's bytes behind the end of a chain.
package struct ProofSearch {
    private let chain: FrameChain
    private let file: SegmentFile

    /// - Parameter chain: where it stopped.
    package init(behind chain: FrameChain, in file: SegmentFile) {
        self.chain = chain
        self.file = file
    }

    /// The first frame behind `offset` that holds at its own place and may belong to the rest of the chain.
    package func frame(behind offset: Int, _ bytes: RawSpan) throws(DiskError) -> ChainLink? {
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
            if let link = link(at: candidate, bytes) { return link }
            candidate += 1
        }
        return nil
    }

    /// How a frame at or behind `first` proves that what the chain stopped at was acknowledged; nil where none does.
    package func proof(from first: ChainLink, _ bytes: RawSpan) throws(DiskError) -> RecoveryCase? {
        var next: ChainLink? = first
        while let link = next {
            if link.frame.durablePosition >= chain.nextPosition { return .rotProvedByWatermark }
            if link.frame.kind != .opening, link.frame.epoch > chain.epoch { return .rotProvedByEpoch }
            if let direct = self.link(at: link.frame.endOffset, bytes) {
                next = direct
            } else {
                next = try frame(behind: link.frame.endOffset - 1, bytes)
            }
        }
        return nil
    }

    private func zeroWord(_ bytes: RawSpan, at offset: Int) -> Bool {
        bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0
    }

    /// The first byte that is not zero, asking the disk where nothing was ever written.
    private func nextNonzero(_ bytes: RawSpan, from start: Int) throws(DiskError) -> Int? {
        var offset = start
        let strideSize = 64 << 10
        while offset < bytes.byteCount {
            guard let data = try file.nextData(from: offset) else { return nil }
            offset = max(offset, data)
            let end = min(bytes.byteCount, offset + strideSize)
            while offset + 8 <= end, zeroWord(bytes, at: offset) { offset += 8 }
            while offset < end, bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == 0 { offset += 1 }
            if offset < end { return offset }
        }
        return nil
    }

    /// Up to this size a checksum is cheaper than reading what else a frame would have to say.
    private static let smallFrameSizeMax = 4096

    /// The frame at `offset`, where it holds there and may belong to the rest of the chain. What is
    /// cheap to see is looked at before the checksum is computed.
    private func link(at offset: Int, _ bytes: RawSpan) -> ChainLink? {
        guard FrameHeader.mayBegin(bytes, at: offset),
            let frame = try? FrameHeader.decode(
                bytes, at: offset, in: chain.segment.header, isChecked: false),
            frame.epoch >= chain.epoch, frame.nextPosition >= chain.nextPosition,
            frame.nextPosition - chain.nextPosition <= UInt64(bytes.byteCount)
        else { return nil }
        let isSmall = frame.size <= Self.smallFrameSizeMax
        if isSmall, !FrameHeader.holds(bytes, from: offset, to: frame.endOffset, in: chain.segment.header) {
            return nil
        }
        var commit: CommitHeader?
        if frame.kind == .commit {
            commit = try? CommitHeader(decoding: frame, bytes, in: chain.segment)
            if commit == nil { return nil }
        } else if frame.kind == .dictionary || frame.size > Format.sealReserve {
            return nil
        }
        if !isSmall, !FrameHeader.holds(bytes, from: offset, to: frame.endOffset, in: chain.segment.header) {
            return nil
        }
        return ChainLink(frame: frame, commit: commit)
    }
}
