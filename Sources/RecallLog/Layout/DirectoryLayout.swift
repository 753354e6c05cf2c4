// A store as a directory of files. Each file is made under a name that ends in `.new`, synced, renamed
// and the directory synced, so that a name without it is always whole.
// Layout: docs/format.md, "The directory layout".

package import Recall

/// The directory layout.
package struct DirectoryLayout: StoreLayout {
    package let path: String
    package let disk: any Disk
    package let isReadOnly: Bool
    let sabotages: Sabotages
    let headerName: String

    /// The name of the file that makes a directory a store.
    package static let headerName = "store"
    /// Its name as long as a salvage fills the directory.
    package static let unfinishedSalvageName = "store.salvage"
    /// Its name as long as a restore does.
    package static let unfinishedRestoreName = "store.restore"

    /// The names of headers that make no store yet, and what fills the directory.
    static let unfinishedNames = [
        (header: unfinishedSalvageName, task: "salvage"), (header: unfinishedRestoreName, task: "restore"),
    ]

    package init(
        path: String, disk: any Disk, isReadOnly: Bool, headerName: String = DirectoryLayout.headerName,
        sabotages: Sabotages = Sabotages()
    ) {
        self.path = path
        self.disk = disk
        self.isReadOnly = isReadOnly
        self.headerName = headerName
        self.sabotages = sabotages
    }

    package var headerPath: String { path + "/" + headerName }
    package var lockPath: String { path + "/lock" }
    package var segmentsPath: String { path + "/segments" }
    package var indexesPath: String { path + "/indexes" }
    package var snapshotsPath: String { path + "/snapshots" }

    private static let segmentSuffix = ".segment"
    static let unfinishedSuffix = ".new"

    static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: Swift.max(0, 10 - digits.count)) + digits
    }

    func segmentPath(_ number: UInt64) -> String {
        "\(segmentsPath)/\(Self.padded(number))\(Self.segmentSuffix)"
    }

    package func segmentNumbers() throws(StoreError) -> [UInt64] {
        try requireSegments()
        return try list(segmentsPath).compactMap { name in
            guard name.hasSuffix(Self.segmentSuffix),
                let number = UInt64(name.dropLast(Self.segmentSuffix.count)),
                // One number has one name: "1.segment" and "+000000001.segment" are strangers.
                name == Self.padded(number) + Self.segmentSuffix
            else { return nil }
            return number
        }.sorted()
    }

    /// A store has the directory of its segments before it has its header.
    private func requireSegments() throws(StoreError) {
        let isMissing = try attempt("look into \(path)") { () throws(DiskError) in
            guard try disk.kind(of: segmentsPath) == nil else { return false }
            return try disk.kind(of: headerPath) != nil
        }
        guard !isMissing else {
            throw StoreError(
                .damaged,
                "\(path) has no directory segments, so all of its events are missing: put it back, or restore a backup."
            )
        }
    }

    package func openSegment(_ number: UInt64, storeID: RawIdentifier) throws(StoreError) -> SegmentFile {
        let file = try openSegmentFile(number)
        var header = try readHeader(of: file, at: segmentPath(number)) { (copy) throws(FormatError) in
            try SegmentHeader(decoding: copy, number: number, storeID: storeID)
        }
        header.sabotages = sabotages
        return try SegmentFile(header: header, file: file, start: 0)
    }

    func openSegmentFile(_ number: UInt64) throws(StoreError) -> any DiskFile {
        let path = segmentPath(number)
        return try attempt("open segment \(number)") { () throws(DiskError) in
            try disk.open(path, isReadOnly ? .readOnly : .readWrite)
        }
    }

    /// Reads a header that stands twice.
    func readHeader<Header>(
        of file: any DiskFile, at path: String, decode: (RawSpan) throws(FormatError) -> Header
    ) throws(StoreError) -> Header {
        let copies: ByteWriter
        do throws(DiskError) { copies = try DiskBytes.read(file, count: Format.headerCopiesSize) } catch {
            throw StoreError(error, doing: "read \(path)")
        }
        return try copies.withBytes { (bytes) throws(StoreError) in
            try decodeHeader(bytes, at: path, decode: decode)
        }
    }

    /// Takes the first copy of a header that holds.
    /// - Parameter isReadWhole: whether the medium gave back all bytes.
    func decodeHeader<Header>(
        _ copies: RawSpan, at path: String, isReadWhole: Bool = true,
        decode: (RawSpan) throws(FormatError) -> Header
    ) throws(StoreError) -> Header {
        do throws(FormatError) { return try HeaderCopies.first(in: copies, decode: decode) } catch {
            if error.isOfUnknownVersion {
                throw StoreError(
                    .unsupported,
                    "\(path) was written by a newer program: \(error); open it with a newer version.",
                    cause: error)
            }
            let reason = isReadWhole ? error : .unreadable
            throw StoreError(
                .damaged,
                "\(path) is damaged: no copy of its header is of use: \(reason). Salvage what is whole, or restore a backup.",
                cause: reason)
        }
    }

    package func beginSegment(
        _ header: SegmentHeader, _ preamble: RawSpan
    ) throws(StoreError) -> SegmentFile {
        let path = segmentPath(header.number)
        let file = try attempt("begin segment \(header.number)") { () throws(DiskError) in
            let file = try makeFile(path) { (file) throws(DiskError) in
                try file.preallocate(size: header.capacity)
                try file.write(preamble, at: 0)
            }
            if !sabotages.contains(.skipDirectorySync) { try disk.syncDirectory(segmentsPath) }
            return file
        }
        return try SegmentFile(header: header, file: file, start: 0)
    }

    /// Makes a file under a name for the unfinished, syncs it and gives it its own.
    private func makeFile(
        _ path: String, _ fill: (any DiskFile) throws(DiskError) -> Void
    ) throws(DiskError) -> any DiskFile {
        let unfinished = path + Self.unfinishedSuffix
        if try disk.kind(of: unfinished) != nil { try disk.delete(unfinished) }
        let file = try disk.open(unfinished, .createNew)
        try fill(file)
        if !sabotages.contains(.skipSegmentHeaderSync) { try file.sync() }
        try disk.rename(unfinished, to: path)
        return file
    }

    /// Deletes what a crash left unfinished.
    /// - Returns: whether there was anything.
    @discardableResult
    package func deleteUnfinished() -> Bool {
        var isFound = false
        for directory in [path, segmentsPath, indexesPath] {
            guard let names = try? disk.list(directory) else { continue }
            for name in names where name.hasSuffix(Self.unfinishedSuffix) {
                isFound = true
                try? disk.delete("\(directory)/\(name)")
            }
        }
        return isFound
    }

    // MARK: Its place

    /// Remembers what the names of the store lead to, once it is open for appending.
    func rememberPlaces() throws(StoreError) {
        try attempt("open the store at \(path)") { () throws(DiskError) in
            try (disk as? any InsideOfStore)?.rememberPlaces(of: [headerName, "lock", "segments"])
        }
    }

    package func place(tail: SegmentFile?) -> StorePlace {
        guard let disk = disk as? any InsideOfStore else { return .unchanged }
        return disk.place(tail: tail, at: tail.map { segmentPath($0.header.number) } ?? "")
    }

    // MARK: The store header

    /// The store's header; nil where there is none.
    package func readStoreHeader() throws(StoreError) -> StoreHeader? {
        let path = headerPath
        let file = try attempt("read \(path)") { () throws(DiskError) -> (any DiskFile)? in
            try disk.kind(of: path) == nil ? nil : disk.open(path, .readOnly)
        }
        guard let file else { return nil }
        return try readDamagedHeader(of: file, at: path) { (copy) throws(FormatError) in
            try StoreHeader(decoding: copy)
        }
    }

    /// What is wrong with the copies of the store's header beside the one that was taken.
    package func damagedCopies(of taken: StoreHeader) throws(StoreError) -> [DamagedCopy] {
        try attempt("read \(headerPath)") { () throws(DiskError) in
            let copies = try FileCopy(
                disk.open(headerPath, .readOnly), upTo: Format.headerCopiesSize, pieceMin: Format.headerSize)
            return copies.withBytes { bytes in
                HeaderCopies.damage(in: bytes, taken: taken) { (copy) throws(FormatError) in
                    try StoreHeader(decoding: copy)
                }.map {
                    let place = $0.offset ..< $0.offset + Format.headerSize
                    let isRead = !copies.unreadable.contains { $0.overlaps(place) }
                    return DamagedCopy(
                        subject: .storeHeader, offset: $0.offset, reason: isRead ? $0.reason : .unreadable,
                        isSpare: true)
                }
            }
        }
    }

    /// What is wrong with the copies of what leads to the files, in a single-file store, as they are now: what a second look
    /// finds, too, is damage.
    package func damagedCopiesOfContents() throws(StoreError) -> [DamagedCopy] {
        try attempt("read \(path)") { () throws(DiskError) in
            try (disk as? SingleFileDisk)?.damagedCopies() ?? []
        }
    }

    /// - Throws: `damaged` where the file of a single-file store ends before a file that is in it.
    package func checkPlaces() throws(StoreError) {
        try attempt("open \(path) for appending") { () throws(DiskError) in
            try (disk as? SingleFileDisk)?.checkPlaces()
        }
    }

    /// Makes the directories and, last of all, the header: with it the store exists.
    package func create(_ header: StoreHeader) throws(StoreError) {
        var writer = ByteWriter(capacity: Format.headerCopiesSize)
        header.encode(to: &writer)
        try writer.withBytes { (bytes) throws(StoreError) in try create(header, headerCopies: bytes) }
    }

    /// - Parameters:
    ///   - header: what the copies say.
    ///   - headerCopies: in the bytes of the header's file.
    package func create(_ header: StoreHeader, headerCopies: RawSpan) throws(StoreError) {
        try attempt("make a store at \(path)") { () throws(DiskError) in
            for directory in [segmentsPath, indexesPath, snapshotsPath]
            where try disk.kind(of: directory) == nil {
                try disk.createDirectory(directory)
            }
            // Before the header: a store that has one has its directories.
            try disk.syncDirectory(path)
            try makeHeaderFile(header, headerCopies)
        }
    }

    /// Writes the file `store` aside, with marks of a store without segments, and puts it in its place.
    func makeHeaderFile(_ header: StoreHeader, _ headerCopies: RawSpan) throws(DiskError) {
        _ = try makeFile(headerPath) { (file) throws(DiskError) in
            try file.write(headerCopies, at: 0)
            for sequence in 0 ..< UInt64(Format.markOffsets.count) {
                let mark = StoreMark(
                    storeID: header.storeID, incarnation: header.incarnation, sequence: sequence, end: nil)
                try Self.write(mark, to: file)
            }
        }
        try disk.syncDirectory(path)
    }

    private func list(_ directory: String) throws(StoreError) -> [String] {
        try attempt("list \(directory)") { () throws(DiskError) in
            guard try disk.kind(of: directory) != nil else { return [] }
            return try disk.list(directory)
        }
    }

    private func attempt<Result>(
        _ doing: String, _ body: () throws(DiskError) -> Result
    ) throws(StoreError) -> Result {
        do { return try body() } catch { throw StoreError(error, doing: doing) }
    }
}
