// JSON strings: skipping them, and decoding the few whose text the program needs.

extension JSONScanner {
    /// Skips a string, whose opening quote comes next. Checks its escapes, but not that surrogates
    /// are paired: RFC 8259 leaves that to who reads the text.
    /// - Returns: where the text between the quotes stands, and whether it has escapes.
    mutating func skipString(
        _ bytes: Span<UInt8>
    ) throws(JSONFailure) -> (content: Range<Int>, hasEscapes: Bool) {
        let quote = index
        index += 1
        var hasEscapes = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return (quote + 1 ..< index - 1, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index += 1
                try skipEscape(bytes)
            } else if byte < 0x20 {
                throw unexpected(bytes, expected: "control characters in a string to be escaped")
            } else {
                index += 1
            }
        }
        throw JSONFailure("a string does not end, expected a closing double quote", at: quote)
    }

    private mutating func skipEscape(_ bytes: Span<UInt8>) throws(JSONFailure) {
        switch current(bytes) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 1
        case UInt8(ascii: "u"):
            index += 1
            for _ in 0 ..< 4 {
                guard let byte = current(bytes), Hexadecimal.value(of: byte) != nil else {
                    throw unexpected(bytes, expected: "four hexadecimal digits behind \\u")
                }
                index += 1
            }
        default: throw unexpected(bytes, expected: "an escape that JSON knows")
        }
    }

    /// Reads a string, whose opening quote comes next, as text. `bytes` is valid UTF-8.
    mutating func readString(_ bytes: Span<UInt8>) throws(JSONFailure) -> String {
        let (content, hasEscapes) = try skipString(bytes)
        if hasEscapes {
            do throws(JSONFailure) {
                return try Self.text(bytes.extracting(content), replacingHalves: false)
            } catch {
                throw JSONFailure(error.problem, at: error.offset.map { $0 + content.lowerBound })
            }
        }
        return bytes.extracting(content).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The text of a string.
    /// - Parameters:
    ///   - content: what stands between the quotes, whose escapes were checked.
    ///   - replacingHalves: whether half of a surrogate pair becomes a replacement character.
    /// - Throws: where half of a surrogate pair stands alone, unless it is replaced.
    static func text(
        _ content: Span<UInt8>, replacingHalves: Bool
    ) throws(JSONFailure) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var place = 0
        while place < content.count {
            let byte = content[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            let escape = content[place]
            place += 1
            switch escape {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                let start = place - 2
                if let scalar = readScalar(content, at: &place) {
                    text.append(contentsOf: Character(scalar).utf8)
                } else if replacingHalves {
                    text.append(contentsOf: "\u{FFFD}".utf8)
                } else {
                    throw JSONFailure(
                        "half of a surrogate pair stands alone, expected both halves", at: start)
                }
            default: text.append(escape)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the digits behind `\u`, and the second half of a surrogate pair behind them; nil for half of one.
    private static func readScalar(_ bytes: Span<UInt8>, at place: inout Int) -> Unicode.Scalar? {
        let first = readUnit(bytes, at: &place)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
            bytes[place + 1] == UInt8(ascii: "u")
        else { return nil }
        var behind = place + 2
        let second = readUnit(bytes, at: &behind)
        guard second >= 0xDC00, second <= 0xDFFF else { return nil }
        place = behind
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    /// Reads four hexadecimal digits, which were checked when the string was skipped.
    private static func readUnit(_ bytes: Span<UInt8>, at place: inout Int) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0 ..< 4 {
            unit = unit << 4 | UInt32(Hexadecimal.value(of: bytes[place]) ?? 0)
            place += 1
        }
        return unit
    }
}
