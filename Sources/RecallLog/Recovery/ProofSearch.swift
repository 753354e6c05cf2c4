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

    /// Whether a frame at or behind `first` proves that what the chain stopped at was acknowledged.
    package func proves(from first: ChainLink, _ bytes: RawSpan) throws(DiskError) -> Bool {
        var next: ChainLink? = first
        while let link = next {
            if link.frame.durablePosition >= chain.nextPosition { return true }
            if link.frame.kind != .opening, link.frame.epoch > chain.epoch { return true }
            if let direct = self.link(at: link.frame.endOffset, bytes) {
                next = direct
            } else {
                next = try frame(behind: link.frame.endOffset - 1, bytes)
            }
        }
        return false
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

    /// The frame at `offset`, where it holds there and may belong to the rest of the chain. What is
    /// cheap to see is looked at before the checksum is computed.
    private func link(at offset: Int, _ bytes: RawSpan) -> ChainLink? {
        guard
            let frame = try? FrameHeader.decode(
                bytes, at: offset, in: chain.segment.header, isChecked: false),
            frame.epoch >= chain.epoch, frame.nextPosition >= chain.nextPosition,
            frame.nextPosition - chain.nextPosition <= UInt64(bytes.byteCount)
        else { return nil }
        var commit: CommitHeader?
        if frame.kind == .commit {
            commit = try? CommitHeader(decoding: frame, bytes, in: chain.segment)
            if commit == nil { return nil }
        } else if frame.kind == .dictionary || frame.size > Format.sealReserve {
            return nil
        }
        guard (try? FrameHeader.decode(bytes, at: offset, in: chain.segment.header)) != nil else {
            return nil
        }
        return ChainLink(frame: frame, commit: commit)
    }
}
