// Data on its way to standard output. One buffer is reused for all lines; bytes leave it with write(2)
// when it is full or when somebody must see them now, so that what is acknowledged is never held back.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nobody reads standard output any more: a reason to stop, not an error.
struct OutputClosed: Error {}

/// Collects bytes and writes them to a file descriptor.
struct OutputWriter: ~Copyable {
    /// The bytes that are not written yet; lines are appended here directly.
    var buffer: [UInt8] = []
    private let descriptor: Int32
    private let bytesMax: Int

    /// - Parameters:
    ///   - descriptor: where the bytes go; standard output if nothing is said.
    ///   - bytesMax: how many bytes are collected before they are written.
    init(descriptor: Int32 = STDOUT_FILENO, bytesMax: Int = 64 << 10) {
        self.descriptor = descriptor
        self.bytesMax = bytesMax
        buffer.reserveCapacity(bytesMax * 2)
    }

    /// Whether a person looks at standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Appends text as it is.
    mutating func append(_ text: String) {
        buffer.append(contentsOf: text.utf8)
    }

    /// Writes what was collected if it is enough to be worth a system call.
    /// - Throws: as `flush()`.
    mutating func flushIfFull() throws {
        if buffer.count >= bytesMax { try flush() }
    }

    /// Writes all that was collected.
    /// - Throws: `OutputClosed` when the reader has gone, `CommandFailure` when the system refuses.
    mutating func flush() throws {
        var sentCount = 0
        while sentCount < buffer.count {
            let result = buffer.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sentCount ..< bytes.count])
                return write(descriptor, rest.baseAddress, rest.count)
            }
            if result >= 0 {
                sentCount += result
                continue
            }
            let number = errno
            if number == EINTR { continue }
            if number == EAGAIN || number == EWOULDBLOCK {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, -1)
                continue
            }
            takeBackHalfLine(sentCount)
            buffer.removeAll(keepingCapacity: true)
            if number == EPIPE { throw OutputClosed() }
            throw CommandFailure.system(
                "Standard output could not be written", number, next: "make room there, or write elsewhere")
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Takes a line out of a file again that broke off in its middle, so that who reads the file meets whole lines. What
    /// went into a pipe stays there.
    /// - Parameter sentCount: how many bytes of the buffer were written. A buffer begins with a line.
    private func takeBackHalfLine(_ sentCount: Int) {
        let lineEnd = buffer[..<sentCount].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let halfCount = off_t(sentCount - lineEnd)
        var information = stat()
        guard halfCount > 0, fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG
        else { return }
        // Only where nobody wrote behind it.
        let end = lseek(descriptor, 0, SEEK_CUR)
        guard end >= halfCount, end == information.st_size, ftruncate(descriptor, end - halfCount) == 0
        else { return }
        _ = lseek(descriptor, end - halfCount, SEEK_SET)
    }
}
