// A command with its arguments, which are bytes: names, numbers as text, bodies of events.

internal import CHiredis

/// A command on its way to a server. All arguments lie in one array.
struct RedisCommand: Sendable {
    private var bytes: [UInt8] = []
    private var lengths: [Int] = []

    /// How many bytes its arguments have.
    var byteCount: Int { bytes.count }

    init(_ words: String...) {
        for word in words { append(word) }
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    mutating func append(_ number: Int) { append(String(number)) }

    mutating func append(_ argument: some Collection<UInt8>) {
        bytes.append(contentsOf: argument)
        lengths.append(argument.count)
    }

    mutating func append(contentsOf other: RedisCommand) {
        bytes.append(contentsOf: other.bytes)
        lengths.append(contentsOf: other.lengths)
    }

    /// Lends the command in the form of the protocol.
    /// - Returns: nil where there is no memory for it.
    func withEncoded<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        bytes.withUnsafeBytes { bytes in
            // A command of empty arguments alone has no bytes to point to.
            var empty: CChar = 0
            return withUnsafePointer(to: &empty) { nowhere in
                var next = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? nowhere
                var pointers: [UnsafePointer<CChar>?] = []
                pointers.reserveCapacity(lengths.count)
                for length in lengths {
                    pointers.append(next)
                    next += length
                }
                var target: UnsafeMutablePointer<CChar>?
                let count = redisFormatCommandArgv(
                    &target, Int32(clamping: lengths.count), &pointers, lengths)
                guard count >= 0, let target else { return nil }
                defer { redisFreeCommand(target) }
                return body(UnsafeRawBufferPointer(start: target, count: Int(count)))
            }
        }
    }
}
