// A replay of much at once, on several threads: some read ahead, the caller's hands out in order and helps. Whatever is
// not as it should be is left to the walk in order, which goes on from there: so it says the same, at the same place.

internal import Recall
internal import RecallThreads

/// Whether several threads read for a replay. The results are the same.
package struct ReadAhead: Sendable {
    /// How many threads read, the calling one among them.
    package var threadCount: Int
    /// A replay of fewer bytes of frames is not worth a thread.
    package var byteCountMin: Int
    /// Nor is one that is limited to fewer events.
    package var eventCountMin: Int

    package init(threadCount: Int, byteCountMin: Int = 4 << 20, eventCountMin: Int = 1 << 15) {
        self.threadCount = threadCount
        self.byteCountMin = byteCountMin
        self.eventCountMin = eventCountMin
    }

    /// The calling thread alone.
    package static let none = ReadAhead(threadCount: 1)
}

extension LogReader {
    /// Hands the events of a query over everything, forwards, to a consumer.
    func visitAhead<Consumer: EventConsumer & ~Copyable>(
        _ query: EventQuery, published: UInt64, _ ahead: ReadAhead, _ consumer: inout Consumer
    ) throws(StoreError) {
        let first = max(1, query.positions.lowerBound.rawValue)
        let last = min(published, query.positions.upperBound.rawValue)
        guard first <= last else { return }
        var commits = CommitReader(query, path: path)
        let segments = contents.segments
        var place = place(of: first, in: segments)
        let planner = planner(segments, from: place, last: last)
        if let planner, planner.byteCountMax >= ahead.byteCountMin {
            // Two for each thread: one to be read, one to wait for its turn.
            let ring = ReplayRing(planner, slotCount: 2 * ahead.threadCount)
            defer { ring.stop() }
            for _ in 1 ..< ahead.threadCount {
                // Without a thread the caller reads everything by itself.
                try? startReader(ring, segments, query, start: first)
            }
            while true {
                var isInOrder = true
                switch ring.nextForCaller() {
                case .read(let chunk, let number):
                    ring.withBatch(number) {
                        $0.read(chunk, of: segments[chunk.segmentIndex], start: first, with: &commits)
                    }
                    ring.finish(number)
                    continue
                case .deliver(let number):
                    let step = try ring.withBatch(number) { (batch) throws(StoreError) -> WalkStep in
                        isInOrder =
                            batch.firstPosition == nil || place.expected == nil
                            || batch.firstPosition == place.expected
                        guard isInOrder else { return .goOn }
                        if try batch.deliver(to: &consumer) == .stop { return .stop }
                        isInOrder = advance(&place, behind: batch, segments, start: first)
                        return .goOn
                    }
                    if step == .stop { return }
                    ring.handBack()
                case .end: isInOrder = false
                }
                if !isInOrder { break }
            }
        }
        try walk(over: segments, from: place, start: first, end: last) {
            (commit, bytes) throws(StoreError) in
            try commits.read(commit, bytes, &consumer)
        }
    }

    /// What can be read ahead up to a position.
    private func planner(
        _ segments: [SegmentFile], from place: WalkPlace, last: UInt64
    ) -> ReplayPlanner? {
        let index = partitionIndex(of: segments.count) { segments[$0].header.firstPosition > last } - 1
        guard index >= place.segmentIndex, index < segments.count else { return nil }
        let offset = contents.offset(before: last, in: segments[index])
        return ReplayPlanner(segments, from: place, limit: (index, offset))
    }

    private func startReader(
        _ ring: ReplayRing, _ segments: [SegmentFile], _ query: EventQuery, start: UInt64
    ) throws(StoreError) {
        let path = path
        try WorkerThread.start {
            var commits = CommitReader(query, path: path)
            while case .read(let chunk, let number) = ring.nextForReader() {
                ring.withBatch(number) {
                    $0.read(chunk, of: segments[chunk.segmentIndex], start: start, with: &commits)
                }
                ring.finish(number)
            }
        }
    }

    /// Moves behind a batch that was handed out.
    /// - Returns: whether the next batch follows; where not, the walk in order goes on from `place`.
    private func advance(
        _ place: inout WalkPlace, behind batch: borrowing ReplayBatch, _ segments: [SegmentFile],
        start: UInt64
    ) -> Bool {
        place.offset = batch.endOffset
        place.expected = batch.nextPosition ?? place.expected
        guard batch.isWhole else { return false }
        guard batch.chunk.isSegmentEnd else { return true }
        let next = place.segmentIndex + 1
        guard next < segments.count, place.expected == segments[next].header.firstPosition else {
            return false
        }
        place = WalkPlace(
            segmentIndex: next, offset: segments[next].header.framesOffset,
            expected: segments[next].header.firstPosition)
        return true
    }
}
