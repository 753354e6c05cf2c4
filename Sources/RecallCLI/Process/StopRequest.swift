// How a signal reaches a thread that waits for input: through a pipe that is polled beside the input.

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Somebody may ask from any thread; who waits in poll(2) wakes up.
final class StopRequest: Sendable {
    /// Readable once a stop was requested.
    let descriptor: Int32
    private let writeDescriptor: Int32
    private let number = Mutex<Int32?>(nil)

    /// - Throws: `CommandFailure` when the system has no pipe to give.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CommandFailure.system(
                "A pipe could not be made", errno, next: "close other files, then try again")
        }
        descriptor = ends[0]
        writeDescriptor = ends[1]
    }

    /// Asks to stop because of a signal.
    func stop(by number: Int32) {
        self.number.withLock { if $0 == nil { $0 = number } }
        var byte: UInt8 = 1
        _ = write(writeDescriptor, &byte, 1)
    }

    /// The signal that asked to stop; nil while none has.
    var signal: Int32? { number.withLock { $0 } }

    deinit {
        close(descriptor)
        close(writeDescriptor)
    }
}
