// Where frames go next: a session's opening, and one segment after the other. The order of writes and
// syncs here is what recovery relies on: docs/format.md, "Segment header" and "Opening frame".

internal import Recall

extension LogWriter {
    /// Sees to it that a frame of up to `size` bytes can be placed at the tail.
    func makeRoom(for size: Int, _ state: inout State) throws(StoreError) {
        let capacity = configuration.segmentBytesMax
        guard size <= capacity - Format.headerCopiesSize - Format.sealReserve else {
            throw StoreError(
                .limitExceeded,
                "The commit takes up to \(size) bytes and does not fit into a segment of \(capacity); nothing was written: split it, or open the log with a larger segmentBytesMax."
            )
        }
        if !state.isSessionOpen { try openSession(for: size, &state) }
        guard let segment = state.segment else { return }
        let isFull = state.tailOffset + size > segment.header.capacity - Format.sealReserve
        // A segment of its own for a new dictionary, once the old one has served a while.
        let isOutlived =
            state.gauge.isDictionaryStale && configuration.isCompressing
            && state.tailOffset >= segment.header.capacity / 8
        if isFull || isOutlived {
            try sealTail(&state)
            try beginSegment(for: size, &state)
        }
    }

    /// Makes this session's epoch durable, so that no frame of an earlier one can follow a frame of it.
    private func openSession(for size: Int, _ state: inout State) throws(StoreError) {
        guard state.epoch < UInt32.max else {
            throw StoreError(
                .unsupported, "The store was opened too often; copy its events into a new one.")
        }
        try keepCutOff(&state)
        if !configuration.sabotages.contains(.reuseEpoch) { state.epoch += 1 }
        try secure(&state)
        if let segment = state.segment, !state.isTailSealed {
            do throws(DiskError) { try take(segment, &state) } catch {
                throw StoreError(error, doing: "map segment \(segment.header.number) for appending")
            }
            if state.isTailIndexIgnored {
                // Its end is about to lie in the middle of something else, which verifying would report.
                layout.deleteIndex(of: segment.header.number ... segment.header.number)
                state.isTailIndexIgnored = false
            }
            if let end = state.mark?.end, end.segmentNumber == segment.header.number,
                end.offset > state.tailOffset
            {
                // A frame that the mark speaks of is lost and about to be written over.
                try sync(&state)
                try writeMark(&state)
            }
            if !configuration.sabotages.contains(.reuseEpoch) {
                placeSessionFrame(.opening, in: segment, &state)
            }
            try write(&state)
            try sync(&state)
            try writeMark(&state)
        } else {
            // The seal may be with the system only, if the process that wrote it was killed.
            try sync(&state)
            try beginSegment(for: size, &state)
        }
        state.isSessionOpen = true
    }

    /// Ends the tail with a seal and makes it durable: all before a next segment is.
    private func sealTail(_ state: inout State) throws(StoreError) {
        guard let segment = state.segment else { return }
        placeSessionFrame(.seal, in: segment, &state)
        try write(&state)
        if !configuration.sabotages.contains(.skipSealSync) { try sync(&state) }
        state.isTailSealed = true
        published.publish(state.nextPosition - 1)
    }

    /// Makes the next segment durable and goes on in it.
    private func beginSegment(for size: Int, _ state: inout State) throws(StoreError) {
        let now = configuration.clock.now().microsecondsSince1970
        var header = SegmentHeader(
            storeID: storeID, number: (state.segment?.header.number ?? 0) + 1,
            salt: UInt32(truncatingIfNeeded: configuration.randomBits()), epoch: state.epoch,
            firstPosition: state.nextPosition, baseTime: now,
            capacity: capacity(behind: state.segment?.header, for: size))
        header.sabotages = configuration.sabotages
        let preamble = preamble(of: &header, behind: state.segment, for: size)
        let file: SegmentFile
        do throws(StoreError) {
            file = try make(header, preamble)
        } catch {
            throw latch(error, cause: error.cause ?? error, "A segment could not be begun", &state)
        }
        contents.begin(file)
        // The index of a sealed segment is derived: it is written beside the appends, and nothing waits.
        scheduleHousekeeping()
        do throws(DiskError) { try take(file, &state) } catch {
            throw latch(error, "map segment \(header.number) for appending", &state)
        }
        state.tailOffset = header.framesOffset
        state.bufferOffset = header.framesOffset
        state.groupOffset = header.framesOffset
        state.frameCount = 0
        state.isTailSealed = false
        // Before anything in the segment is acknowledged: from then on its loss is noticed.
        try writeMark(&state)
    }

    private func make(
        _ header: SegmentHeader, _ preamble: borrowing ByteWriter
    ) throws(StoreError) -> SegmentFile {
        try preamble.withBytes { (bytes) throws(StoreError) in try layout.beginSegment(header, bytes) }
    }

    private func placeSessionFrame(_ kind: FrameKind, in segment: SegmentFile, _ state: inout State) {
        let header = segment.header
        readClock(&state)
        let watermark = DurableWatermark.position(state.syncedPosition)
        state.head.removeAll()
        FrameHeader.encode(
            epoch: state.epoch, nextPosition: state.nextPosition, watermark: watermark, in: header,
            to: &state.head)
        SessionFrame(
            time: state.lastTime, eventCount: state.nextPosition - header.firstPosition,
            frameCount: UInt64(state.frameCount)
        ).encode(to: &state.head, kind: kind, in: header)
        let size = FrameHeader.append(
            to: &state.buffer, kind: kind, watermark: watermark, nextPosition: state.nextPosition,
            head: state.head, at: state.tailOffset, in: header)
        state.statedPosition = state.syncedPosition
        state.unstatedCount = 0
        state.tailOffset += size
        state.frameCount += 1
        let (offset, epoch, durable) = (state.tailOffset, state.epoch, state.syncedPosition)
        contents.withActiveIndex { index in
            index.coverage.endOffset = offset
            index.coverage.epoch = epoch
            index.coverage.durablePosition = max(index.coverage.durablePosition, durable)
            index.coverage.frameCount += 1
        }
    }

    // MARK: Closing

    func closeSession(_ state: inout State) throws(StoreError) {
        guard !state.isClosed else { return }
        state.isClosed = true
        contents.stopMerging()
        if let failure = state.failure { throw failure }
        // Durable before the close frame says that it is; and what a killed process left, though nothing was appended.
        try payOwed(&state)
        guard state.isSessionOpen, let segment = state.segment else { return try markWhatWasFound(&state) }
        placeSessionFrame(.close, in: segment, &state)
        try write(&state)
        try sync(&state)
        try writeMark(&state)
        published.publish(state.nextPosition - 1)
    }

    func keepTailIndex() { contents.keepTailIndex(frameCountMin: configuration.checkpointFrameCountMin) }
}
