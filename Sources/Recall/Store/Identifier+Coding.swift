// Identities in payloads and snapshots. They are coded as the UUIDs that they are, whatever the encoder
// makes of those. JSON makes text of them, and Foundation takes longer for that text than for all the rest of
// a small event (measured: 12,000 of 52,000 instructions to decode one); so in JSON of Recall's own coders the
// same text is written and read here.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Identifier {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if decoder.userInfo.codesIdentifiersAsText,
            let text = try? container.decode(String.self), let known = Self(uuidText: text)
        {
            self = known
        } else {
            self.init(try container.decode(UUID.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if encoder.userInfo.codesIdentifiersAsText {
            try container.encode(uuidText)
        } else {
            try container.encode(uuid)
        }
    }

    /// 32 digits in upper case, in five groups: what `UUID.uuidString` is.
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
                text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
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

extension CodingUserInfoKey {
    /// Set by the coders of Recall's own JSON.
    static let codesIdentifiersAsText = CodingUserInfoKey(rawValue: "recall.codesIdentifiersAsText")
}

extension [CodingUserInfoKey: Any] {
    /// Whether the coder is one of those.
    fileprivate var codesIdentifiersAsText: Bool {
        if isEmpty { return false }
        guard let key = CodingUserInfoKey.codesIdentifiersAsText else { return false }
        return self[key] != nil
    }
}
