// The raw limit: a file that grows by plain writes, synced after each where durability is measured.
// What a log does beyond this is its cost, and what it does better (space reserved beforehand, many
// commits in one sync) its gain.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is only appended to.
final class BareFile {
    private let descriptor: Int32
    private let path: String

    /// - Throws: `CommandFailure` when the file cannot be made.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
    }

    deinit { close(descriptor) }

    /// Appends bytes, and syncs them where asked.
    func append(_ bytes: UnsafeRawBufferPointer, isSynced: Bool) throws {
        guard write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
            throw Self.failure(path, errno)
        }
        guard isSynced else { return }
        #if os(Linux)
        let result = fdatasync(descriptor)
        #else
        // What fsync does on Apple platforms does not reach the medium.
        let result = fcntl(descriptor, F_FULLFSYNC)
        #endif
        guard result == 0 else { throw Self.failure(path, errno) }
    }

    private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
        CommandFailure.system(
            "\(path) could not be written", number, next: "make room there, then run it again")
    }
}
