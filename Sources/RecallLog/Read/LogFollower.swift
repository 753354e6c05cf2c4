// Reading beside a writer in another process: each look takes up the frames that were published since
// the last one. The rules are those of the chain; the lock file says how far it may be followed.

package import Recall
internal import RecallThreads
internal import Synchronization

/// Keeps the contents of a read-only log up to date.
package final class LogFollower: Sendable {
    private let contents: LogContents
    private let layout: DirectoryLayout
    private let storeID: RawIdentifier
    private let published: PublishedPosition
    private let chain: Mutex<FrameChain?>
    private let view = Mutex<StoreLockView?>(nil)
    private let proof: Mutex<FollowerProof>

    package init(
        _ recovered: RecoveredLog, contents: LogContents, layout: DirectoryLayout,
        published: PublishedPosition, proofInterval: Duration
    ) {
        self.contents = contents
        self.layout = layout
        self.published = published
        storeID = recovered.header.storeID
        chain = Mutex(recovered.chain)
        proof = Mutex(FollowerProof(of: recovered, interval: proofInterval))
    }

    /// Takes up what was published since the last call.
    package func refresh() throws(StoreError) {
        try chain.withLock { (chain) throws(StoreError) in
            let lock = try lockView()
            let limit = try lock?.limit() ?? .max
            let before = chain
            try advance(&chain, through: limit)
            try prove(chain, hasMoved: chain != before)
            guard let end = chain.map({ $0.nextPosition - 1 }) else { return }
            // A writer that came meanwhile may be at the frames behind what it has published.
            let later = try lock?.limit()
            var visible = min(end, limit, later ?? .max)
            let durable = max(published.current, chain?.durablePosition ?? 0)
            if later == nil, visible > durable, let tail = contents.segments.last,
                !Self.makeDurable(tail, in: layout)
            {
                visible = durable
            }
            if visible > published.current { published.publish(visible) }
        }
    }

    /// How far a writer that is alive lets others read now; nil where there is none, or that cannot be said.
    func limit() -> UInt64? { (try? lockView()?.limit()) ?? nil }

    /// Sleeps, blocking, until a writer may have published something else than it had.
    /// - Parameters:
    ///   - limit: what `limit` said before the last look.
    ///   - waitCount: how often nothing was found in a row.
    func sleep(while limit: UInt64?, waitCount: Int) {
        if let limit, let view = try? lockView(), view.wait(while: limit, atMost: Self.longestSleep) {
            return
        }
        // Nobody there to wake us: a writer may come, and a page may not be ours to write to.
        let longest = limit == nil ? Self.sleepWithoutWriter : Self.longestPoll
        let pause = min(Self.shortestPoll * (1 << min(waitCount, 16)), longest)
        Monitor(()).wait(for: pause) { _ -> Void? in nil }
    }

    /// Whether a writer was killed, and whether the store is still there, is seen after this time.
    private static let longestSleep = Duration.seconds(1)
    private static let sleepWithoutWriter = Duration.milliseconds(100)
    private static let longestPoll = Duration.milliseconds(16)
    private static let shortestPoll = Duration.microseconds(250)

    /// Notes what was taken up, or sees now and then whether it is still there. The maps show what was, whatever became of the files.
    private func prove(_ chain: FrameChain?, hasMoved: Bool) throws(StoreError) {
        try proof.withLock { (proof) throws(StoreError) in
            if hasMoved, let chain, let tail = contents.segments.last { return proof.note(chain, in: tail) }
            try proof.check(layout)
        }
    }

    /// Makes durable what a writer that is gone may have left with the system alone, before a reader shows it.
    /// - Returns: whether it is.
    static func makeDurable(_ recovered: RecoveredLog, in layout: DirectoryLayout) -> Bool {
        guard let tail = recovered.tail, recovered.durablePosition + 1 < recovered.nextPosition else {
            return true
        }
        return makeDurable(tail, in: layout)
    }

    private static func makeDurable(_ tail: SegmentFile, in layout: DirectoryLayout) -> Bool {
        do throws(DiskError) {
            try layout.syncNames()
            try tail.sync()
        } catch {
            // What cannot be written to has nothing that waits to be written.
            return error.isReadOnlyDisk
        }
        return true
    }

    /// The lock file, opened once: a store's stays where it is as long as the store does.
    private func lockView() throws(StoreError) -> StoreLockView? {
        try view.withLock { (view) throws(StoreError) in
            if view == nil { view = try StoreLockView(layout) }
            return view
        }
    }

    /// How far frames of a store may be looked at now: what a living writer published; all of them where there is none.
    package static func limit(
        in layout: DirectoryLayout
    ) throws(StoreError) -> UInt64 {
        // The page is mapped only where somebody stores to it.
        guard try StoreLockView.isHeld(in: layout) else { return .max }
        return try StoreLockView(layout)?.limit() ?? .max
    }

    /// Takes up frames up to a position. What a newer program wrote ends that: what stands before it is taken up first, and told, and
    /// the next call throws.
    private func advance(_ chain: inout FrameChain?, through limit: UInt64) throws(StoreError) {
        let start = chain
        while true {
            guard var current = chain, let file = contents.segments.last else {
                guard try begin(1, &chain) else { return }
                continue
            }
            if current.lastKind == .seal {
                guard try begin(file.header.number + 1, &chain) else { return }
                continue
            }
            var newer: FormatError?
            file.withBytes { bytes in
                while current.nextPosition <= limit {
                    let before = current
                    do throws(FormatError) {
                        let link = try current.next(bytes)
                        try take(link, bytes)
                    } catch {
                        current = before
                        if error.isOfUnknownVersion { newer = error }
                        break
                    }
                }
            }
            let isStuck = current == chain
            if let newer, current == start {
                throw .newer(segment: file.header.number, offset: current.offset, newer)
            }
            if isStuck, current.nextPosition <= limit, file.isLost {
                throw StoreError(
                    .damaged,
                    "Segment \(file.header.number) of \(layout.path) was cut short while it was read: verify the store, and restore a backup or salvage what is whole."
                )
            }
            chain = current
            if current.lastKind == .seal { continue }
            if isStuck || current.nextPosition > limit { return }
        }
    }

    private func take(_ link: ChainLink, _ bytes: RawSpan) throws(FormatError) {
        var failure: FormatError?
        contents.withActiveIndex { index in
            index.coverage.frameCount += 1
            index.coverage.endOffset = link.frame.endOffset
            index.coverage.epoch = link.frame.epoch
            guard let commit = link.commit else { return }
            do throws(FormatError) { try index.add(commit, bytes) } catch { failure = error }
            index.coverage.nextPosition = commit.lastPosition + 1
        }
        if let failure { throw failure }
    }

    /// Opens the segment with a number, where it is there.
    private func begin(_ number: UInt64, _ chain: inout FrameChain?) throws(StoreError) -> Bool {
        guard try layout.segmentNumbers().contains(number) else { return false }
        let file = try layout.openSegment(number, storeID: storeID)
        contents.begin(file)
        chain = FrameChain(IndexCoverage(startOf: file.header), in: file.context)
        return true
    }
}
