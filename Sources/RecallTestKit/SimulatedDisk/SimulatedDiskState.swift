// All that a simulated disk knows, behind its one lock: files, names, planned faults and the trace.
// Each call first passes `begin`, which counts it, stops it or makes it fail, and so no fault is missed.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import RecallLog

struct SimulatedDiskState: Sendable {
    typealias FileID = SimulatedDirectoryModel.NodeID

    /// How many of the last operations the trace keeps.
    static let traceCountMax = 10_000

    var options: SimulatedDisk.Options
    var directories = SimulatedDirectoryModel()
    var files: [FileID: SimulatedFileModel] = [:]
    /// How many handles are open on a file: it lives on as long as one is, even without a name.
    var handleCounts: [FileID: Int] = [:]
    /// Which handle holds a file's lock.
    var lockHolders: [FileID: ObjectIdentifier] = [:]
    /// Which handles have announced to read a file.
    var readers: [FileID: Set<ObjectIdentifier>] = [:]
    var faults = SimulatedFaultPlan()
    var mutationCount = 0
    var operationCount = 0
    /// The last mutation that is carried out; every call after it fails.
    var mutationCountMax: Int?
    var isStopped = false
    /// The crashes and kills that led to this disk, oldest first.
    var origin: [String] = []
    /// Set while each mutation is recorded: what the disk was before it.
    var recording: [SimulatedDiskState]?
    private var nextID = 1
    private(set) var trace: [SimulatedOperation] = []

    init(options: SimulatedDisk.Options) { self.options = options }

    /// Goes on counting where another disk stood, whose ids are in use here.
    mutating func takeIDs(from other: SimulatedDiskState) { nextID = other.nextID }

    mutating func makeID() -> FileID {
        defer { nextID += 1 }
        return nextID
    }

    /// Counts a call and finds out what is planned for it.
    /// - Returns: a fault that the caller carries out itself, where it does more than fail.
    mutating func begin(
        _ kind: SimulatedOperation.Kind, _ path: String, _ detail: String = ""
    ) throws(DiskError) -> SimulatedFault? {
        if kind.isMutation, let mutationCountMax, mutationCount >= mutationCountMax { isStopped = true }
        guard !isStopped else {
            throw DiskError(call: "\(kind.rawValue) (the simulated disk is stopped)", path: path, number: EIO)
        }
        if kind.isMutation, recording != nil {
            let present = forked()
            recording?.append(present)
        }
        operationCount += 1
        if kind.isMutation { mutationCount += 1 }
        trace.append(
            SimulatedOperation(
                kind: kind, path: path, detail: detail,
                mutationNumber: kind.isMutation ? mutationCount : 0, errorNumber: 0))
        if trace.count >= 2 * SimulatedDiskState.traceCountMax {
            trace.removeFirst(trace.count - SimulatedDiskState.traceCountMax)
        }
        guard let fault = faults.strike(kind, path: path) else { return nil }
        if !fault.effect.isCarriedOut(by: kind) { throw failure(kind, path, fault.number) }
        return fault
    }

    /// How many of `count` bytes a transfer takes: all, unless the disk is one that is short now and then.
    mutating func transferCount(of count: Int, _ fault: SimulatedFault?) -> Int {
        var result = count
        switch fault?.effect {
        case .failAfter(let byteCount): result = min(count, max(0, byteCount))
        case .short(let byteCount): result = min(count, max(1, byteCount))
        default:
            // Of the operation's number, so that it is the same however often the disk was asked for a number before.
            guard let seed = options.transferSeed, count > 1 else { break }
            var generator = SeededGenerator(seed: seed &+ UInt64(operationCount) &* 0x9E37_79B9_7F4A_7C15)
            switch UInt8.random(in: 0 ..< 4, using: &generator) {
            case 0: result = Int.random(in: 1 ..< count, using: &generator)
            case 1: result = 1
            default: break
            }
        }
        noteTransfer(of: result, outOf: count)
        return result
    }

    /// Notes in the trace that the last call transferred less than was asked for.
    mutating func noteTransfer(of count: Int, outOf whole: Int) {
        if let last = trace.indices.last { trace[last].shortCount = count < whole ? count : nil }
    }

    /// The same disk once more, with nobody who has anything open.
    func forked() -> SimulatedDiskState {
        var copy = SimulatedDiskState(options: options)
        copy.directories = directories
        copy.nextID = nextID
        copy.origin = origin
        for id in directories.reachableFiles.sorted() { copy.files[id] = files[id]?.forked() }
        return copy
    }

    /// Notes in the trace that the last call failed.
    mutating func failure(
        _ kind: SimulatedOperation.Kind, _ path: String, _ number: Int32
    ) -> DiskError {
        if let last = trace.indices.last { trace[last].errorNumber = number }
        return DiskError(call: kind.rawValue, path: path, number: number)
    }

    mutating func failure(
        _ kind: SimulatedOperation.Kind, _ path: String, _ reason: SimulatedDirectoryModel.Failure
    ) -> DiskError {
        let number =
            switch reason {
            case .notFound: ENOENT
            case .notDirectory: ENOTDIR
            case .isDirectory: EISDIR
            case .exists: EEXIST
            case .notEmpty: ENOTEMPTY
            case .symbolicLink: ELOOP
            }
        return failure(kind, path, number)
    }

    /// Checks that a file may grow to `size`.
    /// - Returns: how many bytes it may have.
    func sizeAllowed(_ size: Int, of id: FileID) -> Int {
        let present = files[id]?.size ?? 0
        guard size > present, let capacity = options.capacityBytes else { return size }
        let used = files.values.reduce(0) { $0 + $1.size }
        return min(size, present + max(0, capacity - used))
    }

    /// Lets go of files that nothing leads to any more.
    mutating func collect() {
        let reachable = directories.reachableFiles
        for id in Array(files.keys) where handleCounts[id, default: 0] == 0 && !reachable.contains(id) {
            files[id] = nil
        }
    }

    mutating func close(_ id: FileID, holder: ObjectIdentifier) {
        if lockHolders[id] == holder { lockHolders[id] = nil }
        if readers[id]?.remove(holder) != nil, readers[id]?.isEmpty == true { readers[id] = nil }
        handleCounts[id, default: 1] -= 1
        if handleCounts[id] == 0 {
            handleCounts[id] = nil
            collect()
        }
    }
}
