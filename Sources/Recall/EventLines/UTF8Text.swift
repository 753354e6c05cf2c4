// Whether bytes are UTF-8, and where they stop to be: the standard library says that on the newest systems only (docs/platforms.md).
//
// Invariant: what passes is what RFC 3629 allows: no surrogates, no overlong forms, nothing beyond U+10FFFF.

package enum UTF8Text {
    /// The offset of the first sequence that is none of UTF-8; nil where all bytes are text.
    package static func firstFault(in text: Span<UInt8>) -> Int? {
        let bytes = text.bytes
        var offset = 0
        while offset < bytes.byteCount {
            // Eight at once as long as they are ASCII, which nearly all are.
            if offset + 8 <= bytes.byteCount {
                let word = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 == 0 {
                    offset += 8
                    continue
                }
            }
            guard let count = sequenceLength(text, at: offset) else { return offset }
            offset += count
        }
        return nil
    }

    /// How many bytes a sequence has; nil where there is none.
    private static func sequenceLength(_ text: Span<UInt8>, at offset: Int) -> Int? {
        let lead = text[offset]
        // The second byte bears what the first leaves open.
        let (count, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0 ..< 0x80: return 1
        case 0xC2 ... 0xDF: (count, second) = (2, 0x80 ... 0xBF)
        case 0xE0: (count, second) = (3, 0xA0 ... 0xBF)
        case 0xED: (count, second) = (3, 0x80 ... 0x9F)
        case 0xE1 ... 0xEF: (count, second) = (3, 0x80 ... 0xBF)
        case 0xF0: (count, second) = (4, 0x90 ... 0xBF)
        case 0xF1 ... 0xF3: (count, second) = (4, 0x80 ... 0xBF)
        case 0xF4: (count, second) = (4, 0x80 ... 0x8F)
        default: return nil
        }
        guard offset + count <= text.count, second.contains(text[offset + 1]) else { return nil }
        for next in offset + 2 ..< offset + count where text[next] & 0xC0 != 0x80 { return nil }
        return count
    }
}
