// Payloads that are no JSON, as Base64 with padding (RFC 4648), straight into the output's buffer, and back. Foundation's
// reader takes spellings that it would not write, and a line that is printed again must be the line that was read.

enum Base64Text {
    private static func digit(_ value: UInt8) -> UInt8 {
        switch value & 63 {
        case 0 ..< 26: UInt8(ascii: "A") + (value & 63)
        case 26 ..< 52: UInt8(ascii: "a") + (value & 63) - 26
        case 52 ..< 62: UInt8(ascii: "0") + (value & 63) - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// Appends bytes as Base64.
    static func append(_ bytes: Span<UInt8>, to buffer: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let first = bytes[index]
            let second = index + 1 < bytes.count ? bytes[index + 1] : 0
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            buffer.append(digit(first >> 2))
            buffer.append(digit(first << 4 | second >> 4))
            buffer.append(index + 1 < bytes.count ? digit(second << 2 | third >> 6) : UInt8(ascii: "="))
            buffer.append(index + 2 < bytes.count ? digit(third) : UInt8(ascii: "="))
            index += 3
        }
    }

    /// The bytes that Base64 spells; nil for anything but what `append` writes for them: no white space, with padding, and
    /// with nothing in the bits that no byte takes. So each payload has one spelling.
    static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            var group: UInt32 = 0
            var digitCount = 0
            while digitCount < 4, let value = value(of: text[index + digitCount]) {
                group = group << 6 | UInt32(value)
                digitCount += 1
            }
            switch digitCount {
            case 4:
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
            case 3 where index + 4 == text.count && text[index + 3] == UInt8(ascii: "=") && group & 0b11 == 0:
                bytes.append(UInt8(truncatingIfNeeded: group >> 10))
                bytes.append(UInt8(truncatingIfNeeded: group >> 2))
            case 2
            where index + 4 == text.count && text[index + 2] == UInt8(ascii: "=")
                && text[index + 3] == UInt8(ascii: "=") && group & 0b1111 == 0:
                bytes.append(UInt8(truncatingIfNeeded: group >> 4))
            default: return nil
            }
            index += 4
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A") ... UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a") ... UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0") ... UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
