// The owner of an open descriptor. There is one owner at any time and it closes the descriptor when
// it goes, so none leaks and none is used after it was closed.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// An open file descriptor.
struct FileDescriptor: ~Copyable, Sendable {
    let number: Int32

    /// Opens a path. The descriptor is not inherited by programs that the process starts.
    /// - Parameters:
    ///   - directory: where a relative path leads from; nil for the process's own.
    ///   - shown: the path as messages name it.
    ///   - mode: the permissions of a new file, of which the umask may take some away.
    init(
        opening path: String, from directory: Int32? = nil, shown: String? = nil, flags: Int32,
        mode: mode_t = 0
    ) throws(DiskError) {
        while true {
            let number = openat(directory ?? AT_FDCWD, path, flags | O_CLOEXEC, mode)
            if number >= 0 {
                self.number = number
                return
            }
            if errno != EINTR { throw DiskError(call: "open", path: shown ?? path, number: errno) }
        }
    }

    /// What the descriptor is open on.
    func status(path: String) throws(DiskError) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else {
            throw DiskError(call: "fstat", path: path, number: errno)
        }
        return status
    }

    /// Gives the descriptor to somebody who closes it.
    consuming func release() -> Int32 {
        let released = number
        discard self
        return released
    }

    // Not repeated after EINTR: Linux has closed the descriptor by then, and another thread may have
    // been given the same number. Writes are made durable by sync, so an error here says nothing new.
    deinit { _ = close(number) }
}

extension DiskStatus {
    /// What `fstat` and its kin report.
    init(_ status: stat) {
        let kind: DiskItemKind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        self.init(
            identity: DiskIdentity(
                device: UInt64(truncatingIfNeeded: status.st_dev),
                node: UInt64(truncatingIfNeeded: status.st_ino)),
            kind: kind, linkCount: Int(status.st_nlink), size: Int(status.st_size))
    }
}
