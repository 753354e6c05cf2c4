// The limit: a file that grows by plain writes, synced after each where the row is durable. What the log does
// beyond this is its cost; what it does better is its gain.

import Foundation

/// A file that is only appended to.
final class BareFile {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure }
    }

    deinit { close(descriptor) }

    /// Appends the same bytes `count` times, and syncs each time where asked.
    /// - Returns: how long it took.
    func append(_ bytes: [UInt8], count: Int, isSynced: Bool) throws -> Duration {
        let start = ContinuousClock.now
        for _ in 0 ..< count {
            guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Self.failure }
            guard isSynced else { continue }
            #if os(Linux)
            let result = fdatasync(descriptor)
            #else
            // What fsync does on Apple platforms does not reach the medium.
            let result = fcntl(descriptor, F_FULLFSYNC)
            #endif
            guard result == 0 else { throw Self.failure }
        }
        return start.duration(to: .now)
    }

    private static var failure: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
