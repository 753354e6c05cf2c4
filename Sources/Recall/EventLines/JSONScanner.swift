// Finds where JSON values begin and end (RFC 8259, strictly), without building anything of them. So the
// text of a payload goes into the store byte for byte: a number that no machine type can hold stays
// as it was written. Every read is checked against the end of the line, and depth is bounded.

/// Walks over the bytes of one JSON text.
package struct JSONScanner {
    /// How many arrays and objects may stand in each other.
    static let depthMax = 512

    /// The next byte to be looked at.
    var index = 0

    package init() {}

    /// The next byte that is no white space, which stays unread; nil at the end.
    package mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return byte
            }
        }
        return nil
    }

    /// Takes `byte` if it comes next.
    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard peek(bytes) == byte else { return false }
        index += 1
        return true
    }

    /// Takes `byte`, which must come next.
    /// - Parameter what: what is expected here, for the message.
    mutating func expect(_ byte: UInt8, _ what: String, _ bytes: Span<UInt8>) throws(JSONFailure) {
        if !take(byte, bytes) { throw unexpected(bytes, expected: what) }
    }

    /// Skips one value with all that is in it, and the white space before it.
    /// - Returns: where the value stands.
    mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONFailure) -> Range<Int> {
        _ = peek(bytes)
        let start = index
        try skipValue(bytes, depth: 0)
        return start ..< index
    }

    /// Skips white space up to the end, where nothing else may stand.
    mutating func expectEnd(_ bytes: Span<UInt8>) throws(JSONFailure) {
        if peek(bytes) != nil { throw unexpected(bytes, expected: "nothing behind the value") }
    }

    /// Whether all of `bytes` is one JSON value with white space around it.
    package static func isValue(_ bytes: Span<UInt8>) -> Bool {
        var scanner = JSONScanner()
        do throws(JSONFailure) {
            _ = try scanner.skipValue(bytes)
            try scanner.expectEnd(bytes)
            return true
        } catch {
            return false
        }
    }

    private mutating func skipValue(_ bytes: Span<UInt8>, depth: Int) throws(JSONFailure) {
        guard let byte = peek(bytes) else { throw unexpected(bytes, expected: "a value") }
        switch byte {
        case UInt8(ascii: "{"): try skipObject(bytes, depth: depth)
        case UInt8(ascii: "["): try skipArray(bytes, depth: depth)
        case UInt8(ascii: "\""): _ = try skipString(bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0") ... UInt8(ascii: "9"): try skipNumber(bytes)
        case UInt8(ascii: "t"): try skipWord("true", bytes)
        case UInt8(ascii: "f"): try skipWord("false", bytes)
        case UInt8(ascii: "n"): try skipWord("null", bytes)
        default: throw unexpected(bytes, expected: "a value")
        }
    }

    private mutating func skipObject(_ bytes: Span<UInt8>, depth: Int) throws(JSONFailure) {
        try enter(depth)
        if take(UInt8(ascii: "}"), bytes) { return }
        repeat {
            guard peek(bytes) == UInt8(ascii: "\"") else {
                throw unexpected(bytes, expected: "a key in double quotes")
            }
            _ = try skipString(bytes)
            try expect(UInt8(ascii: ":"), "a colon behind the key", bytes)
            try skipValue(bytes, depth: depth + 1)
        } while take(UInt8(ascii: ","), bytes)
        try expect(UInt8(ascii: "}"), "a comma or }", bytes)
    }

    private mutating func skipArray(_ bytes: Span<UInt8>, depth: Int) throws(JSONFailure) {
        try enter(depth)
        if take(UInt8(ascii: "]"), bytes) { return }
        repeat {
            try skipValue(bytes, depth: depth + 1)
        } while take(UInt8(ascii: ","), bytes)
        try expect(UInt8(ascii: "]"), "a comma or ]", bytes)
    }

    mutating func enter(_ depth: Int) throws(JSONFailure) {
        guard depth < Self.depthMax else {
            throw JSONFailure(
                "the value is nested too deeply, expected at most \(Self.depthMax) levels", at: index)
        }
        index += 1
    }

    private mutating func skipWord(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONFailure) {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { throw unexpected(bytes, expected: "\(word)") }
        let matches = word.withUTF8Buffer { expected in
            for offset in 0 ..< count where bytes[index + offset] != expected[offset] { return false }
            return true
        }
        guard matches else { throw unexpected(bytes, expected: "\(word)") }
        index += count
    }

    private mutating func skipNumber(_ bytes: Span<UInt8>) throws(JSONFailure) {
        if current(bytes) == UInt8(ascii: "-") { index += 1 }
        if current(bytes) == UInt8(ascii: "0") {
            index += 1
            if isDigit(current(bytes)) {
                throw JSONFailure("a number has a leading zero, expected none", at: index - 1)
            }
        } else {
            try skipDigits(bytes)
        }
        if current(bytes) == UInt8(ascii: ".") {
            index += 1
            try skipDigits(bytes)
        }
        if current(bytes) == UInt8(ascii: "e") || current(bytes) == UInt8(ascii: "E") {
            index += 1
            if current(bytes) == UInt8(ascii: "+") || current(bytes) == UInt8(ascii: "-") { index += 1 }
            try skipDigits(bytes)
        }
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) throws(JSONFailure) {
        guard isDigit(current(bytes)) else { throw unexpected(bytes, expected: "a digit") }
        while isDigit(current(bytes)) { index += 1 }
    }

    private func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// The next byte, whatever it is; nil at the end.
    func current(_ bytes: Span<UInt8>) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    /// What stands at the index, where something else was expected.
    func unexpected(_ bytes: Span<UInt8>, expected: String) -> JSONFailure {
        guard let byte = current(bytes) else {
            return JSONFailure("the line ends too early, expected \(expected)", at: index)
        }
        let found =
            byte > 0x20 && byte < 0x7F
            ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
        return JSONFailure("found \(found), expected \(expected)", at: index)
    }
}
