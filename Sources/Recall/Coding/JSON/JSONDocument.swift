// A JSON text with one flat table of where its values stand. The text is looked at once, from the first byte to the last;
// whatever is asked for afterwards is a look into the table, and a payload's fields become values without anything between.
//
// Invariants: the text is valid UTF-8, and JSON as RFC 8259 has it; the token behind a value with all that is in it is
// `next`; in an object keys and values alternate.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Where a value, or the key of one, stands in the text.
struct JSONToken: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        case null, `true`, `false`, number, string, escapedString, array, object
    }

    var kind: Kind
    /// The first byte; of a string the one behind its quote.
    var start: Int
    /// The byte behind the last; of a string its second quote.
    var end: Int
    /// The token behind this value with all that is in it.
    var next: Int
    /// How many elements or members there are.
    var count: Int

    var range: Range<Int> { start ..< end }
}

/// A text and its table.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let tokens: [JSONToken]

    /// - Throws: `DecodingError`, where the bytes are not JSON in UTF-8.
    init(_ data: Data) throws {
        // Some programs put a mark before UTF-8, which says nothing.
        let hasMark = data.starts(with: [0xEF, 0xBB, 0xBF])
        let bytes = [UInt8](hasMark ? data.dropFirst(3) : data)
        let text = bytes[...]
        if let fault = UTF8Text.firstFault(in: text.span) {
            throw Self.corrupted("The payload is no UTF-8 at byte \(fault + 1)")
        }
        var tokens: [JSONToken] = []
        tokens.reserveCapacity(16)
        do throws(JSONFailure) {
            var scanner = JSONScanner()
            try scanner.tabulate(text.span, into: &tokens, depth: 0)
            try scanner.expectEnd(text.span)
        } catch {
            throw Self.corrupted("The payload is no JSON: \(error)")
        }
        self.bytes = bytes
        self.tokens = tokens
    }

    private static func corrupted(_ problem: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: problem))
    }

    /// The bytes of a token as text.
    func rawText(_ token: JSONToken) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            String(decoding: UnsafeBufferPointer(rebasing: bytes[token.range]), as: UTF8.self)
        }
    }

    /// The text of a string, with its escapes resolved.
    /// - Throws: where half of a surrogate pair stands in it.
    func text(_ token: JSONToken) throws(JSONFailure) -> String {
        if token.kind == .string { return rawText(token) }
        let content = Array(bytes[token.range])[...]
        return try JSONScanner.text(content.span, replacingHalves: false)
    }

    /// Whether a key has the bytes of a text.
    func isKey(_ token: JSONToken, _ key: String) -> Bool {
        guard token.kind == .string else {
            // Half of a surrogate pair is in no key that anybody asks for.
            return (try? text(token))?.hasSameBytes(as: key) == true
        }
        guard token.end - token.start == key.utf8.count else { return false }
        let isSame = key.utf8.withContiguousStorageIfAvailable { key in
            bytes.withUnsafeBufferPointer { key.elementsEqual($0[token.range]) }
        }
        return isSame ?? rawText(token).hasSameBytes(as: key)
    }

    /// The way from the whole payload to a value: made for errors, by going through the table once more.
    func path(to index: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var place = 0
        while place < index {
            let token = tokens[place]
            var child = place + 1
            var number = 0
            let isObject = token.kind == .object
            // The child that is the value or has it inside.
            while number < token.count {
                let value = isObject ? child + 1 : child
                if index < tokens[value].next { break }
                child = tokens[value].next
                number += 1
            }
            guard number < token.count else { return path }
            if isObject {
                path.append(JSONPathKey((try? text(tokens[child])) ?? rawText(tokens[child])))
                place = child + 1
            } else {
                path.append(JSONPathKey(number))
                place = child
            }
        }
        return path
    }
}

/// A step on the way to a value.
struct JSONPathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ text: String) {
        stringValue = text
        intValue = nil
    }

    init(_ index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }

    /// Of a value that is reached by `superDecoder()`.
    static let parent = JSONPathKey("super")
}
