// Reads a snapshot file from its start, record by record, up to its end or the first record that is not
// whole. What lies behind that is not looked for: bytes of a payload could pass for a record there.

/// Finds the records of a snapshot file.
struct SnapshotScan: ~Copyable {
    /// A record that is whole, and where it stands.
    struct Found: Sendable {
        var record: SnapshotRecord
        var offset: Int
        var size: Int
    }

    private static let windowSize = 1 << 20

    private let file: any DiskFile
    private let fileSize: Int
    private let sabotages: Sabotages
    /// The checksum of the file's header.
    let seed: UInt32
    /// Where the next record begins.
    private(set) var offset = Format.headerSize
    private var window: ByteWriter
    private var windowOffset = 0

    /// - Parameters:
    ///   - header: set to the file's header, or to nil where that does not hold.
    ///   - sabotages: bugs that tests put in.
    init(
        _ file: any DiskFile, headerInto header: inout SnapshotFileHeader?,
        sabotages: Sabotages = Sabotages()
    ) throws(DiskError) {
        self.sabotages = sabotages
        let fileSize = try file.size()
        let window = try DiskBytes.read(file, count: min(fileSize, SnapshotScan.windowSize))
        var found: SnapshotFileHeader?
        seed = window.withBytes { bytes in
            guard bytes.byteCount >= Format.headerSize else { return 0 }
            let sector = bytes.extracting(0 ..< Format.headerSize)
            found = try? SnapshotFileHeader(decoding: sector)
            return SnapshotFileHeader.checksum(sector)
        }
        header = found
        self.file = file
        self.fileSize = fileSize
        self.window = window
    }

    /// Whether everything up to the file's end was whole.
    var isAtEnd: Bool { offset == fileSize }

    /// The next record; nil at the end, or where none that is whole follows.
    mutating func next() throws(DiskError) -> Found? {
        guard fileSize - offset >= SnapshotFormat.recordSizeMin else { return nil }
        guard try fill(8) else { return nil }
        let (seed, sabotages) = (seed, sabotages)
        let start = offset - windowOffset
        let size = window.withBytes { try? SnapshotRecord.size($0.extracting(start ..< start + 8)) }
        guard let size, size <= fileSize - offset, try fill(size) else { return nil }
        let first = offset - windowOffset
        let record = window.withBytes {
            try? SnapshotRecord(
                decoding: $0.extracting(first ..< first + size), seed: seed, sabotages: sabotages)
        }
        guard let record else { return nil }
        defer { offset += size }
        return Found(record: record, offset: offset, size: size)
    }

    /// Sees to it that `count` bytes from `offset` on are in the window.
    /// - Returns: whether the file has them.
    private mutating func fill(_ count: Int) throws(DiskError) -> Bool {
        if offset + count <= windowOffset + window.count { return true }
        let wanted = min(max(count, SnapshotScan.windowSize), fileSize - offset)
        window = try DiskBytes.read(file, from: offset, count: wanted)
        windowOffset = offset
        return window.count >= count
    }
}
