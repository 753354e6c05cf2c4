// The real file system. The only place in Recall, with POSIXFile and POSIXMap, that makes system calls
// on files. Calls that a signal interrupts are repeated; short reads and writes are continued.
//
// Every call names the descriptor of the directory that a path leads from. So a directory that is held is the same one
// whatever is renamed meanwhile, and whatever the process makes its working directory.

internal import CRecallSystem

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Files of the operating system, by path.
package struct POSIXDisk: Disk {
    /// A directory that is held open.
    private final class Held: Sendable {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    /// Nil for paths as the process resolves them.
    private let held: Held?
    /// Where the held directory was when it was opened, for messages.
    private let heldPath: String

    /// The disk on which a path leads where the process says: absolute, or from its working directory.
    package init() {
        held = nil
        heldPath = ""
    }

    private init(_ descriptor: consuming FileDescriptor, path: String) {
        held = Held(descriptor)
        heldPath = path
    }

    /// The descriptor that paths lead from.
    private var base: Int32 { held?.descriptor.number ?? AT_FDCWD }

    /// A path as messages name it.
    private func shown(_ path: String) -> String {
        if held == nil || path.hasPrefix("/") { return path }
        if path == "." { return heldPath }
        return heldPath.hasSuffix("/") ? heldPath + path : "\(heldPath)/\(path)"
    }

    private func descriptor(
        _ path: String, flags: Int32, mode: mode_t = 0
    ) throws(DiskError) -> FileDescriptor {
        try FileDescriptor(opening: path, from: base, shown: shown(path), flags: flags, mode: mode)
    }

    package func openDirectory(_ path: String, isFollowingLinks: Bool) throws(DiskError) -> any Disk {
        let flags = O_RDONLY | O_DIRECTORY | (isFollowingLinks ? 0 : O_NOFOLLOW)
        return POSIXDisk(try descriptor(path, flags: flags), path: shown(path))
    }

    package func status(of path: String, isFollowingLinks: Bool) throws(DiskError) -> DiskStatus? {
        var status = stat()
        if path == ".", let held {
            while fstat(held.descriptor.number, &status) != 0 {
                if errno != EINTR { throw DiskError(call: "fstat", path: heldPath, number: errno) }
            }
            return DiskStatus(status)
        }
        while recall_fstatat(base, path, &status, isFollowingLinks ? 0 : AT_SYMLINK_NOFOLLOW) != 0 {
            if errno == ENOENT { return nil }
            if errno != EINTR { throw DiskError(call: "fstatat", path: shown(path), number: errno) }
        }
        return DiskStatus(status)
    }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        // O_NONBLOCK matters for a named pipe alone: opening it must not wait for its other end.
        var flags = O_NOFOLLOW | O_NONBLOCK
        switch mode {
        case .readOnly: flags |= O_RDONLY
        case .readWrite: flags |= O_RDWR
        case .createNew: flags |= O_RDWR | O_CREAT | O_EXCL
        }
        let descriptor = try descriptor(path, flags: flags, mode: 0o666)
        let format = try descriptor.status(path: shown(path)).st_mode & S_IFMT
        guard format == S_IFREG else {
            throw DiskError(call: "open", path: shown(path), number: format == S_IFDIR ? EISDIR : EINVAL)
        }
        return POSIXFile(descriptor, path: shown(path))
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        try POSIXDisk.call("mkdir", shown(path)) { mkdirat(base, path, 0o777) }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        // Its own descriptor, since reading moves the position of the one that is read from.
        let number = try descriptor(directory, flags: O_RDONLY | O_DIRECTORY).release()
        guard let stream = fdopendir(number) else {
            let error = DiskError(call: "fdopendir", path: shown(directory), number: errno)
            _ = close(number)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno == 0 { break }
                throw DiskError(call: "readdir", path: shown(directory), number: errno)
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func kind(of path: String) throws(DiskError) -> DiskItemKind? {
        try status(of: path, isFollowingLinks: false)?.kind
    }

    package func rename(_ source: String, to destination: String) throws(DiskError) {
        try POSIXDisk.call("rename", shown(source)) { renameat(base, source, base, destination) }
    }

    package func delete(_ path: String) throws(DiskError) {
        try POSIXDisk.call("unlink", shown(path)) { unlinkat(base, path, 0) }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        let directory = try descriptor(path, flags: O_RDONLY | O_DIRECTORY)
        do throws(DiskError) {
            try POSIXDisk.call("fsync", shown(path)) { fsync(directory.number) }
        } catch {
            // A file system that cannot sync directories at all keeps their entries by other means,
            // or not; no other call would make them safer.
            if error.number != EINVAL { throw error }
        }
    }

    /// Makes a call that returns 0, or -1 with an errno, until no signal interrupts it.
    static func call(
        _ name: String, _ path: String, _ body: () -> Int32
    ) throws(DiskError) {
        while body() != 0 {
            if errno != EINTR { throw DiskError(call: name, path: path, number: errno) }
        }
    }
}
