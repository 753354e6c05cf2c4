// Identities in payloads and snapshots: one spelling, in lower case, as in the lines of events; in either case when they are
// read. As keys of a dictionary they are keys of an object.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Identifier {
    /// The identity that a string spells, in either case.
    /// - Throws: `DecodingError`, where it spells none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let known = Self(uuidText: text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription:
                    "Expected a UUID such as 6f9619ff-8b86-d011-b42d-00c04fc964ff, found another text")
        }
        self = known
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(uuidText)
    }

    /// The identity as the key of an object.
    public var codingKey: any CodingKey { TextKey(uuidText) }

    /// The identity that a key of an object spells, in either case; nil for one that spells none.
    public init?(codingKey: some CodingKey) { self.init(uuidText: codingKey.stringValue) }

    /// 32 digits in lower case, in five groups.
    var uuidText: String {
        let (high, low) = halves
        return String(unsafeUninitializedCapacity: 36) { text in
            var index = 0
            for digitIndex in 0 ..< 32 {
                if digitIndex == 8 || digitIndex == 12 || digitIndex == 16 || digitIndex == 20 {
                    text[index] = UInt8(ascii: "-")
                    index += 1
                }
                let half = digitIndex < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - digitIndex % 16 * 4)) & 0xF
                text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                index += 1
            }
            return 36
        }
    }

    /// The identity that 36 characters spell, in either case; nil for anything else.
    init?(uuidText text: String) {
        var text = text
        let halves = text.withUTF8 { text -> (UInt64, UInt64)? in
            guard text.count == 36 else { return nil }
            var (high, low) = (UInt64(0), UInt64(0))
            for index in 0 ..< 36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    if text[index] != UInt8(ascii: "-") { return nil }
                    continue
                }
                let digit: UInt8
                switch text[index] {
                case UInt8(ascii: "0") ... UInt8(ascii: "9"): digit = text[index] - UInt8(ascii: "0")
                case UInt8(ascii: "A") ... UInt8(ascii: "F"): digit = text[index] - UInt8(ascii: "A") + 10
                case UInt8(ascii: "a") ... UInt8(ascii: "f"): digit = text[index] - UInt8(ascii: "a") + 10
                default: return nil
                }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(digit)
            }
            return (high, low)
        }
        guard let halves else { return nil }
        self.init(high: halves.0, low: halves.1)
    }
}
