// Payloads that are no JSON, as Base64 with padding (RFC 4648), straight into the output's buffer.

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
}
