// The file of a relay's state: two slots that are written in turns, each with one write and one sync, so that a crash at any
// moment leaves the one that was not being written. The older of the two is a safe state as well: what follows from it is
// that events come again.
//
// The file is made aside, synced and renamed, so that one without a whole state is never an unfinished one but always damage,
// and is refused: a relay that silently began anew would deliver years of events again, and forget what was parked.

package import Recall
internal import Synchronization

/// A state file that is open and locked.
package final class RelayStateFile: Sendable {
    private struct Opened: Sendable {
        /// Nil when it was closed.
        var file: (any DiskFile)?
        /// The directory that the file was opened in, held open.
        var directory: any Disk
        var newest: RelayStateSlot
        /// Whether a write or sync failed, after which nobody knows what is in the file.
        var isLatched = false
    }

    let path: String
    private let opened: Mutex<Opened>

    /// Opens the file, and makes it where there is none. When this returns, what `load` gives is durable.
    /// - Parameter initial: what a new file holds.
    /// - Throws: `locked`, `damaged`, `unsupported`, `limitExceeded` for an initial state that does not fit, or what the disk
    ///   reported.
    package init(at path: String, startingAt initial: RelayState, on disk: any Disk) throws(StoreError) {
        self.path = path
        // From here on the file is reached from its directory, wherever that is moved to.
        let directory = try Self.attempt("open the relay's state") { () throws(DiskError) in
            try disk.openDirectory(Self.parent(of: path), isFollowingLinks: true)
        }
        let (file, newest) = try Self.open(path, initial, directory)
        opened = Mutex(Opened(file: file, directory: directory, newest: newest))
    }

    package func load() throws(StoreError) -> RelayState {
        try opened.withLock { opened throws(StoreError) in
            _ = try usable(opened)
            return opened.newest.state
        }
    }

    /// Saves a state; it is durable on return.
    package func save(_ state: RelayState) throws(StoreError) {
        try opened.withLock { opened throws(StoreError) in
            let file = try usable(opened)
            let slot = RelayStateSlot(sequence: opened.newest.sequence + 1, state: state)
            let bytes = try Self.encoded(slot, path)
            do throws(DiskError) {
                try Self.write(bytes, of: slot, to: file)
                try file.sync()
            } catch {
                opened.isLatched = true
                throw StoreError(error, doing: "save the relay's state")
            }
            guard isInPlace(file, in: opened.directory) else {
                opened.isLatched = true
                throw StoreError(
                    .notFound,
                    "The relay's state at \(path) was deleted, moved or replaced while it was open, so that what is saved would be looked for in vain: put the file back, or open the one that stands there now."
                )
            }
            opened.newest = slot
        }
    }

    /// Whether the name of the file still leads to it, as far as that can be seen.
    private func isInPlace(_ file: any DiskFile, in directory: any Disk) -> Bool {
        guard let identity = (try? file.status())?.identity else { return true }
        return switch directory.target(of: Self.name(of: path), opened: identity) {
        case .same, .shorter, .unknown: true
        case .another, .nothing: false
        }
    }

    package func close() {
        opened.withLock { opened in
            opened.file?.unlock()
            opened.file = nil
        }
    }

    deinit { close() }

    private func usable(_ opened: borrowing Opened) throws(StoreError) -> any DiskFile {
        guard let file = opened.file else {
            throw StoreError(
                .closed, "The relay's state at \(path) has been closed; open it again to go on.")
        }
        if opened.isLatched {
            throw StoreError(
                .latched,
                "Saving the relay's state at \(path) failed before, and what is in the file is not known: open it again to go on."
            )
        }
        return file
    }

    // MARK: Opening

    /// - Parameter disk: the directory that the file is in, as all that follow.
    private static func open(
        _ path: String, _ initial: RelayState, _ disk: any Disk
    ) throws(StoreError) -> (any DiskFile, RelayStateSlot) {
        // Another process may make it at the same time: then it is there at the next look.
        for _ in 0 ..< 3 {
            let isThere = try attempt("open the relay's state") { () throws(DiskError) in
                try disk.kind(of: name(of: path)) != nil
            }
            if isThere { return try openExisting(path, disk) }
            if let made = try make(path, initial, disk) { return made }
        }
        throw locked(path)
    }

    private static func openExisting(
        _ path: String, _ disk: any Disk
    ) throws(StoreError) -> (any DiskFile, RelayStateSlot) {
        let file = try attempt("open the relay's state") { () throws(DiskError) in
            try disk.open(name(of: path), .readWrite)
        }
        let isMine = try attempt("lock the relay's state") { () throws(DiskError) in
            try file.lockExclusively()
        }
        guard isMine else { throw locked(path) }
        let newest = try read(file, path)
        // What a killed process left with the system alone: the slot that is written next is the other one's only rescue.
        try attempt("open the relay's state") { () throws(DiskError) in
            try file.sync()
            try disk.syncDirectory(".")
        }
        return (file, newest)
    }

    /// Makes the file aside and gives it its name.
    /// - Returns: nil where somebody else has made it meanwhile.
    private static func make(
        _ path: String, _ initial: RelayState, _ disk: any Disk
    ) throws(StoreError) -> (any DiskFile, RelayStateSlot)? {
        let task = "make the relay's state"
        let first = RelayStateSlot(sequence: 1, state: initial)
        let second = RelayStateSlot(sequence: 2, state: initial)
        let slots = [(first, try encoded(first, path)), (second, try encoded(second, path))]
        let unfinished = name(of: path) + ".new"
        let file = try attempt(task) { () throws(DiskError) in
            // The rest of one who died over it is as good as a new one.
            let mode: DiskOpenMode = try disk.kind(of: unfinished) == nil ? .createNew : .readWrite
            return try disk.open(unfinished, mode)
        }
        let isMine = try attempt(task) { () throws(DiskError) in try file.lockExclusively() }
        guard isMine else { throw locked(path) }
        return try attempt(task) { () throws(DiskError) in
            // The lock goes with the file when it gets its name, so this cannot change any more.
            guard try disk.kind(of: name(of: path)) == nil else {
                file.unlock()
                return nil
            }
            try file.truncate(to: 0)
            try file.preallocate(size: RelayStateFormat.fileSize)
            for (slot, bytes) in slots { try write(bytes, of: slot, to: file) }
            try file.sync()
            try disk.rename(unfinished, to: name(of: path))
            try disk.syncDirectory(".")
            return (file, second)
        }
    }

    /// The newer of the slots that hold.
    private static func read(_ file: any DiskFile, _ path: String) throws(StoreError) -> RelayStateSlot {
        var newest: RelayStateSlot?
        var failures: [FormatError] = []
        for index in 0 ..< RelayStateFormat.slotCount {
            let bytes = try attempt("read the relay's state") { () throws(DiskError) in
                try slotBytes(of: file, at: index * RelayStateFormat.slotSize)
            }
            do throws(FormatError) {
                let bytes = bytes[...]
                let slot = try RelayStateSlot(decoding: bytes.span.bytes)
                // In the place of the other it would be written over by the next saving, as the newest state that there is.
                guard slot.sequence % UInt64(RelayStateFormat.slotCount) == UInt64(index) else {
                    throw FormatError("it lies in the place of the other")
                }
                if slot.sequence > newest?.sequence ?? 0 { newest = slot }
            } catch {
                failures.append(error)
            }
        }
        // Beside one of a newer program the other can only be older.
        if let failure = failures.first(where: \.isOfUnknownVersion) {
            throw StoreError(
                .unsupported,
                "The relay's state at \(path) was written by a newer program: \(failure); open it with a newer version.",
                cause: failure)
        }
        guard let newest else {
            let reasons = failures.map { "\($0)" }.joined(separator: ", and ")
            throw StoreError(
                .damaged,
                "The relay's state at \(path) is damaged, in both of its copies (\(reasons)): put a copy of the file back, or move it away and open a new one at a position of your choice, from which on every event is delivered again and nothing is parked."
            )
        }
        return newest
    }

    // MARK: Bytes

    /// As many bytes of a slot as it says that it has, which nobody vouches for yet.
    private static func slotBytes(of file: any DiskFile, at offset: Int) throws(DiskError) -> [UInt8] {
        let header = try bytes(of: file, at: offset, count: RelayStateFormat.headerSize)
        let size = header.withUnsafeBytes { RelayStateSlot.size($0.bytes) }
        return try bytes(of: file, at: offset, count: size)
    }

    private static func bytes(
        of file: any DiskFile, at offset: Int, count: Int
    ) throws(DiskError) -> [UInt8] {
        let bytes = try DiskBytes.read(file, from: offset, count: count)
        return bytes.withBytes { bytes in bytes.withUnsafeBytes { [UInt8]($0) } }
    }

    private static func encoded(_ slot: RelayStateSlot, _ path: String) throws(StoreError) -> [UInt8] {
        var writer = ByteWriter(capacity: 4096)
        slot.encode(to: &writer)
        let bytes = writer.withBytes { bytes in bytes.withUnsafeBytes { [UInt8]($0) } }
        // What could not be read again would pass for damage.
        guard (try? bytes.withUnsafeBytes { try RelayStateSlot(decoding: $0.bytes) }) == slot else {
            throw StoreError(
                .invalidArgument,
                "The relay's state is none that a relay can come to, such as one with parked events behind the cursor or out of order; nothing was saved."
            )
        }
        guard bytes.count <= RelayStateFormat.slotSize else {
            throw StoreError(
                .limitExceeded,
                "The relay's state of \(slot.state.parked.count) parked events takes \(bytes.count) bytes, and \(path) has room for \(RelayStateFormat.slotSize); nothing was saved: replay or discard parked events."
            )
        }
        return bytes
    }

    /// Slots take turns, so that the one that holds the newest state is never written.
    private static func write(
        _ bytes: [UInt8], of slot: RelayStateSlot, to file: any DiskFile
    ) throws(DiskError) {
        let index = Int(slot.sequence % UInt64(RelayStateFormat.slotCount))
        let bytes = bytes[...]
        try file.write(bytes.span.bytes, at: index * RelayStateFormat.slotSize)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    private static func locked(_ path: String) -> StoreError {
        StoreError(
            .locked,
            "The relay's state at \(path) is in use by another relay: stop that one, or give this one a state of its own."
        )
    }

    private static func attempt<Result>(
        _ doing: String, _ body: () throws(DiskError) -> Result
    ) throws(StoreError) -> Result {
        do { return try body() } catch { throw StoreError(error, doing: doing) }
    }
}
