// Names that come again and again, event types above all, made a string once: looked up by their bytes, they cost
// neither a check of their UTF-8 nor memory of their own for each event.

/// The strings that were read last. Holds a fixed number; the newer of two that share a place stays.
package struct NameMemory {
    private static let placeCount = 64
    /// Longer ones are rare, and are not kept.
    private static let bytesMax = 64

    private var strings: [String]

    package init() { strings = Array(repeating: "", count: Self.placeCount) }

    /// The string with these bytes.
    /// - Throws: where they are not UTF-8.
    package mutating func string(_ range: Range<Int>, _ bytes: RawSpan) throws(FormatError) -> String {
        let count = range.count
        guard count > 0 else { return "" }
        guard count <= Self.bytesMax else { return try EventFields.string(range, bytes) }
        let text = bytes.extracting(range)
        let first = Int(text.unsafeLoad(fromByteOffset: 0, as: UInt8.self))
        let last = Int(text.unsafeLoad(fromByteOffset: count - 1, as: UInt8.self))
        let middle = Int(text.unsafeLoad(fromByteOffset: count / 2, as: UInt8.self))
        let place = (first &* 7 &+ middle &* 13 &+ last &* 31 &+ count) & (Self.placeCount - 1)
        if Self.isSame(strings[place], text) { return strings[place] }
        let made = try EventFields.string(range, bytes)
        strings[place] = made
        return made
    }

    private static func isSame(_ string: borrowing String, _ text: RawSpan) -> Bool {
        guard string.utf8.count == text.byteCount else { return false }
        return text.withUnsafeBytes { right in
            string.utf8.withContiguousStorageIfAvailable { $0.elementsEqual(right) }
                ?? string.utf8.elementsEqual(right)
        }
    }
}
