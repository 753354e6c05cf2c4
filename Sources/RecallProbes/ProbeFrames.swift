// Turns the bytes of an input into the frames of a segment, in the three modes of an input.

internal import RecallLog

/// Puts frames behind a segment's header.
struct ProbeFrames {
    let segment: SegmentHeader

    /// The segment that an input describes.
    func file(_ input: RawSpan, _ mode: ReaderProbe.Mode) throws -> SegmentFile {
        var writer = ByteWriter(capacity: segment.capacity)
        segment.encode(to: &writer)
        if segment.dictionarySize > 0 { ProbeDictionary.place(behind: segment, in: &writer) }
        switch mode {
        case .raw: place(input, in: &writer)
        case .checksummed:
            place(input, in: &writer)
            sealFrames(in: &writer)
        case .framed: frame(input, in: &writer)
        }
        let file = writer.withBytes { ProbeFile($0, size: segment.capacity) }
        return try SegmentFile(header: segment, file: file, start: 0)
    }

    private func place(_ input: RawSpan, in writer: inout ByteWriter) {
        writer.bytes(input.extracting(0 ..< min(input.byteCount, segment.capacity - writer.count)))
    }

    /// Makes the checksum of everything hold that has the form of a frame.
    private func sealFrames(in writer: inout ByteWriter) {
        var offset = segment.framesOffset
        while offset < writer.count {
            let frame = writer.withBytes { bytes in
                try? FrameHeader.decode(bytes, at: offset, in: segment, isChecked: false)
            }
            guard let frame else {
                offset += 1
                continue
            }
            var copy = ByteWriter(capacity: frame.size)
            writer.withBytes { copy.bytes($0.extracting(offset ..< frame.endOffset)) }
            FrameHeader.finish(&copy, from: 0, at: offset, in: segment)
            let checksum = copy.withBytes { bytes in
                UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
            }
            writer.replace(checksum, at: offset)
            offset = frame.endOffset
        }
    }

    /// Reads the input as a list of three bytes (kind, codec, form and lag; the size, two bytes) and what follows the
    /// common part of a frame, and writes frames that continue the chain as long as that can be.
    private func frame(_ input: RawSpan, in writer: inout ByteWriter) {
        var reader = ByteReader(0 ..< input.byteCount)
        var chain = FrameChain(
            IndexCoverage(startOf: segment), in: writer.withBytes { SegmentContext(segment, $0) })
        while let choice = try? reader.byte(input), let stated = try? reader.integer(UInt16.self, input),
            let rest = try? reader.take(min(Int(stated), reader.remainingCount))
        {
            let start = writer.count
            guard start + rest.count + Format.sessionFrameSizeMax <= segment.capacity else { return }
            let kinds: [FrameKind] = [
                .commit, .commit, .commit, .commit, .opening, .close, .dictionary, .seal,
            ]
            let kind = kinds[Int(choice & 0b111)]
            let codecs: [BodyCodec] = [.none, .lz4, .lz4WithDictionary, .none]
            let codec = codecs[Int(choice >> 3 & 0b11)]
            let lag = UInt64(choice >> 6)
            let watermark: DurableWatermark =
                lag == 3 ? .none : .position(chain.nextPosition - 1 - min(lag, chain.nextPosition - 1))
            var head = ByteWriter()
            FrameHeader.encode(
                epoch: kind == .opening && chain.epoch < .max ? chain.epoch + 1 : chain.epoch,
                nextPosition: chain.nextPosition, watermark: watermark, in: segment, to: &head)
            let body = max(rest.count, Format.frameSizeMin - 5 - head.count)
            FrameHeader.begin(
                &writer, kind: kind, codec: codec, isSimple: kind == .commit && choice & 1 == 1,
                watermark: watermark, nextPosition: chain.nextPosition,
                size: FrameHeader.size(ofHead: head.count, body: body))
            head.withBytes { writer.bytes($0) }
            writer.bytes(input.extracting(rest))
            writer.pad(to: writer.count + body - rest.count)
            FrameHeader.finish(&writer, from: start, at: start, in: segment)
            writer.withBytes { bytes in
                // What does not hold is damage, and what follows goes on behind it.
                if (try? chain.next(bytes)) == nil { chain.offset = bytes.byteCount }
                chain.lastKind = nil
            }
        }
    }
}
