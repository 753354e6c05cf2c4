// The store that is copied, as it was at one moment: which segments, and how far into the last one. A writer may go on,
// seal, replace and index segments meanwhile: the last segment is held open, the others are opened when their
// turn comes, and whichever file a name leads to then says the same.

internal import Recall
internal import RecallThreads

/// What there is to copy of a store.
struct CopySource {
    let layout: DirectoryLayout
    let header: StoreHeader
    /// The file `store` as it is, with fields that this program may not know.
    let headerBytes: [UInt8]
    /// How many segments, from number 1 on.
    let segmentCount: Int
    /// The last of them; nil in an empty store.
    let tail: SegmentFile?
    let tailPart: SegmentPart
    /// The last position that is copied.
    let position: UInt64
    /// Tells whether a writer is at work; nil where none ever was.
    let lock: StoreLockView?

    /// Looks at a store from outside: whether or not another process writes to it.
    /// - Throws: `notFound`, `damaged`, `unsupported`, `locked` where a writer does not get through opening it, or what
    ///   the system refused.
    static func look(at path: String, disk: any Disk) throws(StoreError) -> CopySource {
        let opening = StoreOpening(disk, access: .readOnly, configuration: LogConfiguration())
        let layout = try opening.layout(at: path)
        let header = try opening.header(of: layout)
        let lock = try StoreLockView(layout)
        let found = try CopySource(
            layout, header, lock: lock, limitPosition: try Self.limit(lock, layout.path))
        // A writer that came meanwhile may be at the frames behind what it has published.
        let later = try StoreLockView(layout)
        let limit = try Self.limit(later, layout.path)
        guard limit < found.position else { return found }
        return try CopySource(layout, header, lock: later, limitPosition: limit)
    }

    /// - Parameters:
    ///   - layout: of the store; is only read through.
    ///   - limitPosition: frames behind it are not copied; `.max` for all.
    init(
        _ layout: DirectoryLayout, _ header: StoreHeader, lock: StoreLockView?, limitPosition: UInt64
    ) throws(StoreError) {
        self.layout = layout
        self.header = header
        self.lock = lock
        headerBytes = try Self.headerBytes(of: header, in: layout)
        let witness = try layout.witness(layout.marks(of: header))
        let numbers = try layout.segmentNumbers()
        try layout.requireNoGap(in: numbers)
        try witness.check(numbers, in: layout.path)
        var count = numbers.count
        var tail: SegmentFile?
        var next: UInt64?
        while count > 0 {
            let file = try layout.openSegment(UInt64(count), storeID: header.storeID)
            if count == numbers.count { try witness.check(file.header, in: layout.path) }
            // One that begins right behind it may have been copied before, by a copy that was not limited.
            if file.header.firstPosition - 1 <= limitPosition {
                tail = file
                break
            }
            next = file.header.firstPosition
            count -= 1
        }
        segmentCount = count
        self.tail = tail
        guard let tail else {
            tailPart = .sealed(nextPosition: 1)
            position = 0
            return
        }
        let walk = try SegmentWalk(
            tail, from: IndexCoverage(startOf: tail.header), successorPosition: next,
            limitPosition: limitPosition, covered: next == nil ? layout.coveredEnd(of: tail) : .none,
            witness: next == nil ? witness : .none
        ) { (_, _) throws(StoreError) in }
        if let damage = walk.damage.first { throw damage.error(in: layout.path) }
        tailPart = .frames(endOffset: walk.chain.offset, nextPosition: walk.chain.nextPosition)
        position = walk.chain.nextPosition - 1
    }

    /// How far a writer lets others read; waits for one that is about to say so.
    private static func limit(_ lock: StoreLockView?, _ path: String) throws(StoreError) -> UInt64 {
        guard let lock else { return .max }
        let waiting = Monitor(())
        let start = ContinuousClock.now
        while try lock.isWriterOpening() {
            guard ContinuousClock.now - start < .seconds(30) else {
                throw StoreError(
                    .locked, "The store at \(path) is being opened by a writer: copy it when that is done.")
            }
            waiting.wait(for: .milliseconds(5)) { _ -> Void? in nil }
        }
        return try lock.limit() ?? .max
    }

    private static func headerBytes(
        of header: StoreHeader, in layout: DirectoryLayout
    ) throws(StoreError) -> [UInt8] {
        if let copy = try layout.damagedCopies(of: header).first {
            throw StoreError(
                .damaged,
                "The store at \(layout.path) is damaged at offset \(copy.offset) of its header: \(copy.message)."
            )
        }
        do throws(DiskError) {
            let file = try layout.disk.open(layout.headerPath, .readOnly)
            return try DiskBytes.read(file, count: Format.headerCopiesSize).withBytes { bytes in
                bytes.withUnsafeBytes { Array($0) }
            }
        } catch { throw StoreError(error, doing: "read \(layout.headerPath)") }
    }

    /// About how many bytes the copying of some segments takes.
    /// - Parameters:
    ///   - lastNumber: the segment that is not copied to its seal.
    ///   - lastPart: how much of it is.
    func byteCount(
        of numbers: [UInt64], lastNumber: Int, _ lastPart: SegmentPart
    ) throws(StoreError) -> Int {
        var count = 0
        for number in numbers {
            let header = try layout.segmentHeader(number, storeID: header.storeID)
            count += number == UInt64(lastNumber) ? lastPart.byteCount(of: header) : header.capacity
        }
        return count
    }

    /// The numbers of the first segments.
    static func numbers(upTo count: Int) -> [UInt64] { (0 ..< UInt64(count)).map { $0 + 1 } }

    /// A segment, and how much of it is copied.
    func segment(_ number: UInt64) throws(StoreError) -> (file: SegmentFile, part: SegmentPart) {
        if let tail, tail.header.number == number { return (tail, tailPart) }
        let file = try layout.openSegment(number, storeID: header.storeID)
        return (file, .sealed(nextPosition: try nextPosition(behind: number)))
    }

    private func nextPosition(behind number: UInt64) throws(StoreError) -> UInt64 {
        if let tail, tail.header.number == number + 1 { return tail.header.firstPosition }
        return try layout.segmentHeader(number + 1, storeID: header.storeID).firstPosition
    }

    /// What is wrong with a segment whose frames stop too early, as verifying would say it.
    func damage(of file: SegmentFile, _ part: SegmentPart, at offset: Int, _ reason: String) -> StoreError {
        let walk = try? SegmentWalk(
            file, from: IndexCoverage(startOf: file.header), successorPosition: part.nextPosition
        ) { (_, _) throws(StoreError) in }
        if let region = walk?.damage.first { return region.error(in: layout.path) }
        return StoreError(
            .damaged,
            "\(layout.path) is damaged in segment \(file.header.number) at offset \(offset): \(reason); verify the store, then restore a backup or salvage what is whole."
        )
    }

    /// Makes durable what another process, or one that is gone, may have left with the system alone: a copy must never hold
    /// what the store itself can still lose, or the store would go on beside it.
    func makeDurable() throws(StoreError) {
        guard let tail else { return }
        do throws(DiskError) { try tail.sync() } catch {
            throw StoreError(error, doing: "make durable what is copied of \(layout.path)")
        }
    }

    /// Whether a writer is at work, whom the copying must not slow down.
    var isWritten: Bool { ((try? lock?.limit()) ?? nil) != nil }
}
