// Writing JSON into a buffer that is reused: strings with the escapes that RFC 8259 demands and no
// others, numbers, and values whose bytes are there already.

package enum JSONText {
    /// Appends a string with its quotes.
    package static func append(_ text: String, to buffer: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0.span, to: &buffer) }
    }

    /// Appends UTF-8 text as a string with its quotes.
    package static func append(_ text: Span<UInt8>, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\""))
        for index in 0 ..< text.count {
            let byte = text[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                buffer.append(byte)
            } else {
                appendEscape(byte, to: &buffer)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(_ byte: UInt8, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): buffer.append(byte)
        case 0x08: buffer.append(UInt8(ascii: "b"))
        case 0x09: buffer.append(UInt8(ascii: "t"))
        case 0x0A: buffer.append(UInt8(ascii: "n"))
        case 0x0C: buffer.append(UInt8(ascii: "f"))
        case 0x0D: buffer.append(UInt8(ascii: "r"))
        default:
            buffer.append(contentsOf: "u00".utf8)
            buffer.append(Hexadecimal.digit(for: byte >> 4))
            buffer.append(Hexadecimal.digit(for: byte))
        }
    }

    /// Appends a whole number.
    package static func append(_ value: UInt64, to buffer: inout [UInt8]) {
        guard value >= 10 else {
            buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
            return
        }
        let start = buffer.count
        var rest = value
        while rest > 0 {
            buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        buffer[start...].reverse()
    }

    /// Appends a valid JSON value without its insignificant white space.
    package static func appendCompact(_ value: Span<UInt8>, to buffer: inout [UInt8]) {
        var isInString = false
        var isEscaped = false
        for index in 0 ..< value.count {
            let byte = value[index]
            if isInString {
                buffer.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "\""): isInString = true
            default: break
            }
            buffer.append(byte)
        }
    }
}
