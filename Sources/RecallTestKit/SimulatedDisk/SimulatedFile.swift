// An open file of a simulated disk, and a map of one.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import RecallLog
internal import Synchronization

/// A handle on a simulated file; the lock that it may hold goes with it.
final class SimulatedFile: DiskFile {
    private let disk: SimulatedDisk
    private let id: SimulatedDiskState.FileID
    private let path: String
    private let isWritable: Bool

    init(_ disk: SimulatedDisk, id: SimulatedDiskState.FileID, path: String, isWritable: Bool) {
        self.disk = disk
        self.id = id
        self.path = path
        self.isWritable = isWritable
    }

    deinit {
        let holder = ObjectIdentifier(self)
        disk.state.withLock { $0.close(id, holder: holder) }
    }

    func status() throws(DiskError) -> DiskStatus {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.size, path)
            let count = state.directories.place(of: id) == nil ? 0 : 1
            return SimulatedDiskState.status(
                of: id, .file, linkCount: count, size: state.files[id]?.size ?? 0)
        }
    }

    func size() throws(DiskError) -> Int {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.size, path)
            return state.files[id]?.size ?? 0
        }
    }

    func readPart(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        try disk.state.withLock { state throws(DiskError) in
            let fault = try state.begin(.read, path, "\(buffer.count) bytes at \(offset)")
            guard offset >= 0 else { throw state.failure(.read, path, EINVAL) }
            let rest = min(buffer.count, max(0, (state.files[id]?.size ?? 0) - offset))
            let count = state.transferCount(of: rest, fault)
            if state.files[id]?.isUnreadable(offset ..< offset + count) == true {
                throw state.failure(.read, path, EIO)
            }
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count))
            let result = state.files[id]?.read(into: part, at: offset) ?? 0
            if let fault, case .failAfter = fault.effect { throw state.failure(.read, path, fault.number) }
            return result
        }
    }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        try bytes.withUnsafeBytes { buffer throws(DiskError) in
            try disk.state.withLock { state throws(DiskError) in
                let fault = try state.begin(.write, path, "\(buffer.count) bytes at \(offset)")
                try checkWritable(&state, .write)
                guard offset >= 0 else { throw state.failure(.write, path, EINVAL) }
                let (end, didOverflow) = offset.addingReportingOverflow(buffer.count)
                guard !didOverflow, end <= state.options.fileSizeMax else {
                    throw state.failure(.write, path, EFBIG)
                }
                let room = max(0, min(buffer.count, state.sizeAllowed(end, of: id) - offset))
                let count = min(room, state.transferCount(of: buffer.count, fault))
                state.noteTransfer(of: count, outOf: buffer.count)
                state.files[id]?.write(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)), at: offset)
                if let fault, case .failAfter = fault.effect {
                    throw state.failure(.write, path, fault.number)
                }
                if count == 0, !buffer.isEmpty { throw state.failure(.write, path, ENOSPC) }
                return count
            }
        }
    }

    func sync() throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in try sync(nil, &state) }
    }

    func sync(_ map: any DiskMap) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            guard let map = map as? SimulatedMap, state.files[id]?.memory === map.memory else {
                throw DiskError(call: "sync", path: path, number: EINVAL)
            }
            try sync(map.start ..< map.start + map.count, &state)
        }
    }

    /// - Parameter range: the bytes to make durable; nil for all, and the size.
    private func sync(_ range: Range<Int>?, _ state: inout SimulatedDiskState) throws(DiskError) {
        let detail = range.map { "\($0.count) bytes at \($0.lowerBound)" } ?? ""
        if let fault = try state.begin(.sync, path, detail) {
            switch fault.effect {
            case .lie: return
            case .failForgettingDirtyData: state.files[id]?.forgetDirtyData()
            case .failRevertingDirtyData: state.files[id]?.revertDirtyData()
            case .fail, .failAfter, .short: break
            }
            throw state.failure(.sync, path, fault.number)
        }
        if let range { state.files[id]?.sync(range) } else { state.files[id]?.sync() }
    }

    func preallocate(size: Int) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.preallocate, path, "to \(size) bytes")
            try checkWritable(&state, .preallocate)
            guard size > 0 else { throw state.failure(.preallocate, path, EINVAL) }
            let before = state.files[id]?.size ?? 0
            guard size > before else { return }
            guard size <= state.options.fileSizeMax else { throw state.failure(.preallocate, path, EFBIG) }
            guard state.sizeAllowed(size, of: id) >= size else {
                throw state.failure(.preallocate, path, ENOSPC)
            }
            state.files[id]?.setSize(size)
            state.files[id]?.fillWithStaleBytes(state.options.staleBytes, in: before ..< size)
        }
    }

    func truncate(to size: Int) throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.truncate, path, "to \(size) bytes")
            try checkWritable(&state, .truncate)
            guard size >= 0 else { throw state.failure(.truncate, path, EINVAL) }
            guard size <= state.options.fileSizeMax else { throw state.failure(.truncate, path, EFBIG) }
            guard state.sizeAllowed(size, of: id) >= size else {
                throw state.failure(.truncate, path, ENOSPC)
            }
            state.files[id]?.setSize(size)
        }
    }

    func map(from start: Int, count: Int, isWritable isMapWritable: Bool) throws(DiskError) -> any DiskMap {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.map, path, "\(count) bytes at \(start)")
            if isMapWritable, !isWritable { throw state.failure(.map, path, EACCES) }
            guard let file = state.files[id], start >= 0, count > 0, start <= file.size,
                count <= file.size - start
            else {
                throw state.failure(.map, path, EINVAL)
            }
            // A look at it would be a signal: this is what a test sees instead.
            if file.isUnreadable(start ..< start + count) { throw state.failure(.map, path, EFAULT) }
            if isMapWritable { state.files[id]?.watchMap(count: start + count) }
            return SimulatedMap(
                memory: file.memory, from: start, count: count, file: isMapWritable ? self : nil, of: id,
                on: disk)
        }
    }

    func lockExclusively() throws(DiskError) -> Bool {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.lock, path)
            let holder = state.lockHolders[id]
            guard holder == nil || holder == ObjectIdentifier(self) else { return false }
            state.lockHolders[id] = ObjectIdentifier(self)
            return true
        }
    }

    func unlock() {
        disk.state.withLock { state in
            if state.lockHolders[id] == ObjectIdentifier(self) { state.lockHolders[id] = nil }
        }
    }

    func isOverwrittenInPlace() throws(DiskError) -> Bool {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.isOverwrittenInPlace, path)
            return true
        }
    }

    func nextData(from offset: Int) throws(DiskError) -> Int? {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.nextData, path, "from \(offset)")
            guard offset >= 0 else { throw state.failure(.nextData, path, EINVAL) }
            return state.files[id]?.nextData(from: offset)
        }
    }

    func isLocked() throws(DiskError) -> Bool {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.isLocked, path)
            let holder = state.lockHolders[id]
            return holder != nil && holder != ObjectIdentifier(self)
        }
    }

    func announceReader() throws(DiskError) {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.announceReader, path)
            state.readers[id, default: []].insert(ObjectIdentifier(self))
        }
    }

    func hasReaders() throws(DiskError) -> Bool {
        try disk.state.withLock { state throws(DiskError) in
            _ = try state.begin(.hasReaders, path)
            return state.readers[id]?.contains { $0 != ObjectIdentifier(self) } ?? false
        }
    }

    private func checkWritable(
        _ state: inout SimulatedDiskState, _ kind: SimulatedOperation.Kind
    ) throws(DiskError) {
        if !isWritable { throw state.failure(kind, path, EBADF) }
    }
}

/// The first bytes of a simulated file. Keeps the file's memory when the file itself is gone.
final class SimulatedMap: DiskMap {
    let memory: StableMemory
    let start: Int
    let count: Int

    var base: UnsafeMutableRawPointer { memory.base + start }

    /// Set for a writable map: what is stored by a call can crash and fail like any write.
    private let file: SimulatedFile?

    private let id: SimulatedDiskState.FileID
    private let disk: SimulatedDisk

    init(
        memory: StableMemory, from start: Int, count: Int, file: SimulatedFile?,
        of id: SimulatedDiskState.FileID, on disk: SimulatedDisk
    ) {
        self.id = id
        self.disk = disk
        self.memory = memory
        self.start = start
        self.count = count
        self.file = file
    }

    /// As if all of it had been touched.
    var isLost: Bool {
        disk.state.withLock { state in
            guard let file = state.files[id], file.memory === memory else { return false }
            return file.size < start + count
        }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        guard let file, offset >= 0, offset <= count, bytes.byteCount <= count - offset else {
            throw DiskError(call: "mmap", path: "a simulated map", number: EINVAL)
        }
        if isLost { throw DiskError(call: "mmap", path: "a simulated map", number: DiskError.lostPage) }
        // Stored bytes reach the file whole; that its process dies between two of them is a crash between two calls.
        try file.write(bytes, at: start + offset)
    }
}
