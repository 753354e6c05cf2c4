// Lines of standard input, one after the other, in a buffer that holds no more than the longest line
// and one read. What has been read when a stop is requested is still given out; nothing more is read.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads lines from a file descriptor.
struct LineReader: ~Copyable {
    /// A line was longer than is allowed.
    struct LineTooLong: Error {
        /// How long it may be, in bytes.
        var lineBytesMax: Int
    }

    /// Whether a person types the lines.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    private let descriptor: Int32
    private let stop: StopRequest?
    private let lineBytesMax: Int
    private let readBytesMax = 64 << 10
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    /// How much of what is not given out yet is known to hold no line feed.
    private var searched = 0
    private var hasEnded = false

    /// - Parameters:
    ///   - descriptor: where lines are read from.
    ///   - lineBytesMax: how long a line may be, in bytes, without its line feed.
    ///   - stop: ends the reading when it is requested.
    init(descriptor: Int32 = STDIN_FILENO, lineBytesMax: Int, stop: StopRequest? = nil) {
        self.descriptor = descriptor
        self.lineBytesMax = lineBytesMax
        self.stop = stop
        buffer = [UInt8](repeating: 0, count: readBytesMax * 2)
    }

    /// Gives the next line, without its line feed, to `body`.
    /// - Returns: what `body` returned; nil when there are no more lines.
    /// - Throws: `LineTooLong`, `CommandFailure` when input cannot be read, or what `body` throws.
    mutating func next<Result>(_ body: (Span<UInt8>) throws -> Result) throws -> Result? {
        while true {
            if let lineFeed = findLineFeed() {
                let range = start ..< lineFeed
                start = lineFeed + 1
                searched = 0
                guard range.count <= lineBytesMax else { throw LineTooLong(lineBytesMax: lineBytesMax) }
                return try buffer.withUnsafeBufferPointer { try body($0.span.extracting(range)) }
            }
            guard end - start <= lineBytesMax else { throw LineTooLong(lineBytesMax: lineBytesMax) }
            if hasEnded {
                let range = start ..< end
                start = end
                searched = 0
                // A line that a stop request cut off was never said to the end.
                guard !range.isEmpty, stop?.signal == nil else { return nil }
                return try buffer.withUnsafeBufferPointer { try body($0.span.extracting(range)) }
            }
            try fill()
        }
    }

    private mutating func findLineFeed() -> Int? {
        let from = start + searched
        let offset = buffer.withUnsafeBytes { bytes -> Int? in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[from ..< end])
            guard let base = rest.baseAddress, let found = memchr(base, 0x0A, rest.count) else { return nil }
            return UnsafeRawPointer(found) - base
        }
        guard let offset else {
            searched = end - start
            return nil
        }
        return from + offset
    }

    /// Reads once, or notes that there is nothing more to read.
    private mutating func fill() throws {
        guard waitForInput() else {
            hasEnded = true
            return
        }
        if start > 0 {
            buffer.replaceSubrange(0 ..< end - start, with: Array(buffer[start ..< end]))
            end -= start
            start = 0
        }
        if buffer.count - end < readBytesMax {
            buffer.append(contentsOf: repeatElement(0, count: max(buffer.count, readBytesMax)))
        }
        while true {
            let result = buffer.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[end ..< end + readBytesMax])
                return read(descriptor, free.baseAddress, free.count)
            }
            if result > 0 {
                end += result
                return
            }
            if result == 0 {
                hasEnded = true
                return
            }
            let number = errno
            if number == EINTR { continue }
            if number == EAGAIN || number == EWOULDBLOCK {
                guard waitForInput() else {
                    hasEnded = true
                    return
                }
                continue
            }
            throw CommandFailure.system(
                "Standard input could not be read", number,
                next: "check where the events come from, then append the rest")
        }
    }

    /// Waits until there is input, or its end.
    /// - Returns: false when a stop was requested.
    private func waitForInput() -> Bool {
        guard let stop else { return true }
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while stop.signal == nil {
            let result = poll(&waits, nfds_t(waits.count), -1)
            if result < 0, errno == EINTR { continue }
            return waits[1].revents == 0
        }
        return false
    }
}
