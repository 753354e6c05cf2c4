// Whether bytes are one JSON value, and the same value without the space between its parts, so that it
// fits into a line. Numbers and strings are passed on as they were written: parsing and writing them
// again would change what was stored.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Checks JSON against RFC 8259 and strips the space from it.
struct JSONMinifier {
    /// Values deeper than this are taken for no JSON, so that no input can exhaust the stack.
    private static let depthMax = 256

    private let bytes: [UInt8]
    private var index = 0
    private var output: [UInt8] = []

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        output.reserveCapacity(bytes.count)
    }

    /// The JSON value in `data` on one line; nil where it is none.
    static func minified(_ data: Data) -> String? {
        var minifier = JSONMinifier(bytes: Array(data))
        guard minifier.value(depth: 0), minifier.skipSpace(), minifier.index == minifier.bytes.count else {
            return nil
        }
        return String(validating: minifier.output, as: UTF8.self)
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() -> Bool {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        output.append(byte)
        index += 1
        return true
    }

    private mutating func value(depth: Int) -> Bool {
        guard depth < Self.depthMax, skipSpace(), let byte = current else { return false }
        switch byte {
        case UInt8(ascii: "{"): return container(close: UInt8(ascii: "}"), isObject: true, depth: depth)
        case UInt8(ascii: "["): return container(close: UInt8(ascii: "]"), isObject: false, depth: depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return literal("true")
        case UInt8(ascii: "f"): return literal("false")
        case UInt8(ascii: "n"): return literal("null")
        default: return number()
        }
    }

    private mutating func container(close: UInt8, isObject: Bool, depth: Int) -> Bool {
        output.append(bytes[index])
        index += 1
        guard skipSpace() else { return false }
        if take(close) { return true }
        while true {
            if isObject {
                guard skipSpace(), string(), skipSpace(), take(UInt8(ascii: ":")) else { return false }
            }
            guard value(depth: depth + 1), skipSpace() else { return false }
            if take(close) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while let byte = current {
            output.append(byte)
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard escape() else { return false }
            case 0x00 ... 0x1F: return false
            default: continue
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let byte = current else { return false }
        output.append(byte)
        index += 1
        if byte != UInt8(ascii: "u") { return "\"\\/bfnrt".utf8.contains(byte) }
        for _ in 0 ..< 4 {
            guard let digit = current, digit.isHexDigit else { return false }
            output.append(digit)
            index += 1
        }
        return true
    }

    private mutating func literal(_ text: String) -> Bool {
        for byte in text.utf8 { guard take(byte) else { return false } }
        return true
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard digits() else { return false } }
        if take(UInt8(ascii: ".")) { guard digits() else { return false } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = current, byte.isDigit {
            output.append(byte)
            index += 1
        }
        return index > start
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (0x30 ... 0x39).contains(self) }
    fileprivate var isHexDigit: Bool {
        isDigit || (0x41 ... 0x46).contains(self) || (0x61 ... 0x66).contains(self)
    }
}
