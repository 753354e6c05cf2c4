// Writes the sections of an index file one after the other through a buffer of constant size, and
// checksums each block as it is filled. The header comes last, when everything is known.

/// Why an index was not written.
package enum IndexBuildError: Error {
    case disk(DiskError)
    /// An input that is a file does not hold: which one, and why.
    case damaged(input: Int, FormatError)
    /// The inputs cannot be one index: they have too many entries, or do not follow each other.
    case unfit
    /// Whoever waits for the log to close asked for an end.
    case stopped
}

/// Fills the blocks of a new index file.
struct IndexWriter: ~Copyable {
    private static let bufferBlockCount = 64

    private let file: any DiskFile
    private let digest: UInt32
    /// Is asked before each write; throws where the writing is to end.
    private let pause: () throws(IndexBuildError) -> Void
    private let buffer: UnsafeMutableRawPointer
    /// The number of the block at the beginning of the buffer.
    private var firstBlock = 1
    /// Whole blocks in the buffer.
    private var filledCount = 0
    /// What is taken of the block behind them.
    private var usedSize = 0

    init(
        _ file: any DiskFile, digest: UInt32, pause: @escaping () throws(IndexBuildError) -> Void
    ) {
        self.file = file
        self.digest = digest
        self.pause = pause
        let size = Self.bufferBlockCount * IndexFormat.blockSize
        buffer = .allocate(byteCount: size, alignment: 16)
        buffer.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit { buffer.deallocate() }

    /// The number of the block in which the next section begins, when this one is at its end.
    var nextBlock: Int { firstBlock + filledCount }

    /// Room for an entry, of zeros, in one block. Valid until the next call.
    @inline(__always)
    mutating func entry(size: Int) throws(IndexBuildError) -> UnsafeMutableRawPointer {
        if usedSize + size > IndexFormat.blockContentSize { try finishBlock() }
        let place = buffer + (filledCount * IndexFormat.blockSize + usedSize)
        usedSize += size
        return place
    }

    /// Ends a section: the next one begins with a block of its own.
    mutating func finishSection() throws(IndexBuildError) {
        if usedSize > 0 { try finishBlock() }
    }

    private mutating func finishBlock() throws(IndexBuildError) {
        seal(buffer + filledCount * IndexFormat.blockSize, number: firstBlock + filledCount)
        filledCount += 1
        usedSize = 0
        if filledCount == Self.bufferBlockCount { try flush() }
    }

    private func seal(_ block: UnsafeMutableRawPointer, number: Int) {
        let content = UnsafeRawBufferPointer(start: block, count: IndexFormat.blockContentSize)
        block.store(
            IndexHeader.checksum(content, block: number, digest: digest), at: IndexFormat.blockContentSize)
    }

    private mutating func flush() throws(IndexBuildError) {
        guard filledCount > 0 else { return }
        try pause()
        let size = filledCount * IndexFormat.blockSize
        try write(size: size, at: firstBlock * IndexFormat.blockSize)
        buffer.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        firstBlock += filledCount
        filledCount = 0
    }

    private func write(size: Int, at offset: Int) throws(IndexBuildError) {
        let bytes = UnsafeRawBufferPointer(start: buffer, count: size)
        do throws(DiskError) { try file.write(bytes.bytes, at: offset) } catch { throw .disk(error) }
    }

    /// Writes what is left and the header.
    mutating func finish(_ header: IndexHeader) throws(IndexBuildError) {
        try finishSection()
        try flush()
        var sector = ByteWriter(capacity: Format.headerSize)
        header.encode(to: &sector)
        let block = buffer
        sector.withBytes { bytes in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(start: block, count: source.count).copyMemory(from: source)
            }
        }
        seal(buffer, number: 0)
        try write(size: IndexFormat.blockSize, at: 0)
    }
}
