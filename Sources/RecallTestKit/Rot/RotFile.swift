// A file of the disk whose bits are flipped, and the memory that it lies in.

internal import RecallLog
internal import Synchronization

/// The content of a file.
final class RotNode: Sendable {
    private struct State {
        var memory = RotMemory(count: 0)
        var size = 0
        var mutationCount = 0
        var lockOwner: ObjectIdentifier?
    }

    private let state = Mutex(State())

    var size: Int { state.withLock { $0.size } }
    var mutationCount: Int { state.withLock { $0.mutationCount } }

    func copy() -> RotNode {
        let copy = RotNode()
        let bytes = bytes()
        copy.resize(to: bytes.count)
        bytes.withUnsafeBytes { copy.write($0, at: 0) }
        return copy
    }

    func bytes() -> [UInt8] {
        state.withLock { Array(UnsafeRawBufferPointer(start: $0.memory.base, count: $0.size)) }
    }

    func flip(at offset: Int, bit: Int) {
        state.withLock { state in
            guard offset < state.size else { return }
            let byte = state.memory.base.load(fromByteOffset: offset, as: UInt8.self)
            state.memory.base.storeBytes(of: byte ^ UInt8(1 << bit), toByteOffset: offset, as: UInt8.self)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        state.withLock { state in
            let count = max(0, min(buffer.count, state.size - offset))
            if count > 0 {
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(start: state.memory.base + offset, count: count))
            }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if offset + bytes.count > size { resize(to: offset + bytes.count) }
        state.withLock { state in
            state.mutationCount += 1
            guard let start = bytes.baseAddress else { return }
            (state.memory.base + offset).copyMemory(from: start, byteCount: bytes.count)
        }
    }

    /// Another one has another identity as long as this one lives.
    var status: DiskStatus {
        let number = UInt64(UInt(bitPattern: ObjectIdentifier(self).hashValue))
        return DiskStatus(
            identity: DiskIdentity(device: 0, node: number), kind: .file, linkCount: 1, size: size)
    }

    /// Maps that were made before the file outgrows its memory stay with what it was: a store maps nothing that grows.
    func resize(to size: Int) {
        state.withLock { state in
            state.mutationCount += 1
            if size > state.memory.count {
                let grown = RotMemory(count: max(size, min(2 * state.memory.count, 1 << 20)))
                grown.base.copyMemory(from: state.memory.base, byteCount: state.size)
                state.memory = grown
            } else if size < state.size {
                (state.memory.base + size).initializeMemory(
                    as: UInt8.self, repeating: 0, count: state.size - size)
            }
            state.size = size
        }
    }

    func map(from start: Int, count: Int) -> RotMap {
        state.withLock { RotMap($0.memory, from: start, count: max(0, min(count, $0.size - start))) }
    }

    func lock(_ owner: ObjectIdentifier) -> Bool {
        state.withLock { state in
            guard state.lockOwner == nil || state.lockOwner == owner else { return false }
            state.lockOwner = owner
            return true
        }
    }

    func unlock(_ owner: ObjectIdentifier) {
        state.withLock { if $0.lockOwner == owner { $0.lockOwner = nil } }
    }

    func isLocked(butFor owner: ObjectIdentifier) -> Bool {
        state.withLock { $0.lockOwner != nil && $0.lockOwner != owner }
    }
}

/// Memory that begins as zeros.
final class RotMemory: Sendable {
    // The bytes are everybody's, as those of a file are.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        self.count = count
        base = .allocate(byteCount: max(count, 8), alignment: 16)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 8))
    }

    deinit { base.deallocate() }
}

/// An open file.
final class RotFile: DiskFile {
    private let node: RotNode

    init(_ node: RotNode) { self.node = node }

    deinit { unlock() }

    func status() -> DiskStatus { node.status }
    func size() -> Int { node.size }

    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        node.read(into: buffer, at: offset)
    }

    func writePart(_ bytes: RawSpan, at offset: Int) -> Int {
        bytes.withUnsafeBytes { node.write($0, at: offset) }
        return bytes.byteCount
    }

    func sync() {}
    func preallocate(size: Int) { if size > node.size { node.resize(to: size) } }
    func truncate(to size: Int) { node.resize(to: size) }
    func map(from start: Int, count: Int, isWritable: Bool) -> any DiskMap {
        node.map(from: start, count: count)
    }
    func isOverwrittenInPlace() -> Bool { false }
    func nextData(from offset: Int) -> Int? { offset < node.size ? offset : nil }
    func lockExclusively() -> Bool { node.lock(ObjectIdentifier(self)) }
    func unlock() { node.unlock(ObjectIdentifier(self)) }
    func isLocked() -> Bool { node.isLocked(butFor: ObjectIdentifier(self)) }
    func announceReader() {}
    func hasReaders() -> Bool { false }
}

/// A map of a file: its memory itself.
final class RotMap: DiskMap {
    private let memory: RotMemory
    private let start: Int
    let count: Int

    var base: UnsafeMutableRawPointer { memory.base + start }

    init(_ memory: RotMemory, from start: Int, count: Int) {
        self.memory = memory
        self.start = start
        self.count = count
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        guard offset >= 0, bytes.byteCount <= count - offset else {
            throw DiskError(call: "map", path: "", number: 22)
        }
        bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                (base + offset).copyMemory(from: start, byteCount: bytes.count)
            }
        }
    }
}
