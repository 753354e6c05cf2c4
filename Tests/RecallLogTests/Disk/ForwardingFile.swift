// A file on a disk of a test's own: it does what another one does, but for what the test changes.

import RecallLog

/// A file whose calls go to another one, unless it answers them itself.
protocol ForwardingFile: DiskFile {
    var base: any DiskFile { get }
}

extension ForwardingFile {
    func status() throws(DiskError) -> DiskStatus { try base.status() }
    func size() throws(DiskError) -> Int { try base.size() }
    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        try base.readPart(into: buffer, at: offset)
    }
    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        try base.writePart(bytes, at: offset)
    }
    func sync() throws(DiskError) { try base.sync() }
    func preallocate(size: Int) throws(DiskError) { try base.preallocate(size: size) }
    func truncate(to size: Int) throws(DiskError) { try base.truncate(to: size) }
    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        try base.map(from: start, count: count, isWritable: isWritable)
    }
    func isOverwrittenInPlace() throws(DiskError) -> Bool { try base.isOverwrittenInPlace() }
    func nextData(from offset: Int) throws(DiskError) -> Int? { try base.nextData(from: offset) }
    func lockExclusively() throws(DiskError) -> Bool { try base.lockExclusively() }
    func unlock() { base.unlock() }
    func isLocked() throws(DiskError) -> Bool { try base.isLocked() }
    func announceReader() throws(DiskError) { try base.announceReader() }
    func hasReaders() throws(DiskError) -> Bool { try base.hasReaders() }
}
