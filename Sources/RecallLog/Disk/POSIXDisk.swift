// The real file system. The only place in Recall, with POSIXFile and POSIXMap, that makes system calls
// on files. Calls that a signal interrupts are repeated; short reads and writes are continued.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Files of the operating system, by path.
package struct POSIXDisk: Disk {
    package init() {}

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        // O_NONBLOCK matters for a named pipe alone: opening it must not wait for its other end.
        var flags = O_NOFOLLOW | O_NONBLOCK
        switch mode {
        case .readOnly: flags |= O_RDONLY
        case .readWrite: flags |= O_RDWR
        case .createNew: flags |= O_RDWR | O_CREAT | O_EXCL
        }
        let descriptor = try FileDescriptor(opening: path, flags: flags, mode: 0o600)
        let format = try descriptor.status(path: path).st_mode & S_IFMT
        guard format == S_IFREG else {
            throw DiskError(call: "open", path: path, number: format == S_IFDIR ? EISDIR : EINVAL)
        }
        return POSIXFile(descriptor, path: path)
    }

    package func createDirectory(_ path: String) throws(DiskError) {
        try POSIXDisk.call("mkdir", path) { mkdir(path, 0o700) }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        guard let stream = opendir(directory) else {
            throw DiskError(call: "opendir", path: directory, number: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno == 0 { break }
                throw DiskError(call: "readdir", path: directory, number: errno)
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
        var status = stat()
        while lstat(path, &status) != 0 {
            if errno == ENOENT { return nil }
            if errno != EINTR { throw DiskError(call: "lstat", path: path, number: errno) }
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package func rename(_ source: String, to destination: String) throws(DiskError) {
        try POSIXDisk.call("rename", source) { renamePath(source, destination) }
    }

    package func delete(_ path: String) throws(DiskError) {
        try POSIXDisk.call("unlink", path) { unlink(path) }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        let directory = try FileDescriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
        do throws(DiskError) {
            try POSIXDisk.call("fsync", path) { fsync(directory.number) }
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

/// C's `rename`, which inside `POSIXDisk` would be taken for the method of that name.
private func renamePath(_ source: String, _ destination: String) -> Int32 {
    rename(source, destination)
}
