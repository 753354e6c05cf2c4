// The limit: a file that grows by plain writes, synced after each where the row is durable. It gets the bytes that
// nobody can do without: the payloads of a commit as one LZ4 block, and 36 bytes for each event (its id, its
// aggregate's id, its version). They are made before the clock runs, and do not depend on how Recall encodes, so the
// limit stands still when Recall's frames become smaller. What a store does beyond this is its cost.

import Foundation

/// A file that is only appended to.
package final class BareFile {
    private static let idBytesPerEvent = 36
    private let descriptor: Int32

    package init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure }
    }

    deinit { close(descriptor) }

    /// The bytes that a commit costs at least.
    package static func bytes(of events: [BenchmarkEvent]) -> [UInt8] {
        let ids = [UInt8](repeating: 0x5A, count: idBytesPerEvent * events.count)
        return ids + PlainLZ4.block([UInt8](events.map(\.payload).joined()))
    }

    /// Appends each of `commits` by one write, and syncs each time where asked.
    /// - Parameter limit: as in `Timing.each`.
    package func append(_ commits: [[UInt8]], isSynced: Bool, limit: Duration? = nil) throws -> Timing {
        try Timing.each(commits, limit: limit) { bytes in
            guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Self.failure }
            guard isSynced else { return }
            #if os(Linux)
            let result = fdatasync(descriptor)
            #else
            // What fsync does on Apple platforms does not reach the medium.
            let result = fcntl(descriptor, F_FULLFSYNC)
            #endif
            guard result == 0 else { throw Self.failure }
        }
    }

    private static var failure: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
