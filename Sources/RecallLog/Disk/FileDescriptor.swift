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
    /// - Parameter mode: the permissions of a new file, of which the umask may take some away.
    init(opening path: String, flags: Int32, mode: mode_t = 0) throws(DiskError) {
        while true {
            let number = open(path, flags | O_CLOEXEC, mode)
            if number >= 0 {
                self.number = number
                return
            }
            if errno != EINTR { throw DiskError(call: "open", path: path, number: errno) }
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

    // Not repeated after EINTR: Linux has closed the descriptor by then, and another thread may have
    // been given the same number. Writes are made durable by sync, so an error here says nothing new.
    deinit { _ = close(number) }
}
