// A file in memory that is only written, from any offset on.

internal import RecallLog
internal import Synchronization

/// Takes up what is written, to be lent as bytes.
final class ProbeOutput: DiskFile {
    private let bytes = Mutex<[UInt8]>([])

    func writePart(_ source: RawSpan, at offset: Int) throws(DiskError) -> Int {
        bytes.withLock { bytes in
            let end = offset + source.byteCount
            if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
            for index in 0 ..< source.byteCount {
                bytes[offset + index] = source.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            }
        }
        return source.byteCount
    }

    func withBytes<Result: Sendable>(_ body: (RawSpan) -> Result) -> Result {
        let copy = bytes.withLock { $0 }
        return copy.withUnsafeBytes { body($0.bytes) }
    }

    func status() throws(DiskError) -> DiskStatus {
        DiskStatus(
            identity: DiskIdentity(device: 0, node: 0), kind: .file, linkCount: 1, size: try size())
    }

    func size() throws(DiskError) -> Int { bytes.withLock { $0.count } }
    func sync() throws(DiskError) {}
    func unlock() {}
    func isLocked() throws(DiskError) -> Bool { false }
    func announceReader() throws(DiskError) {}
    func hasReaders() throws(DiskError) -> Bool { false }

    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        throw Self.refusal("pread")
    }
    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        throw Self.refusal("mmap")
    }
    func isOverwrittenInPlace() throws(DiskError) -> Bool { false }
    func nextData(from offset: Int) throws(DiskError) -> Int? { throw Self.refusal("lseek") }
    func preallocate(size: Int) throws(DiskError) { throw Self.refusal("posix_fallocate") }
    func truncate(to size: Int) throws(DiskError) { throw Self.refusal("ftruncate") }
    func lockExclusively() throws(DiskError) -> Bool { throw Self.refusal("flock") }

    private static func refusal(_ call: String) -> DiskError {
        DiskError(call: call, path: "probe", number: DiskError.fileTooLarge)
    }
}
