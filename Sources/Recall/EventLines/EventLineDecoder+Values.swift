// Reading the value of each key: what is taken, and what a person is told where it is something else.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventLineDecoder {
    func readText(
        _ key: EventKey, _ what: String, _ line: Span<UInt8>, _ scanner: inout JSONScanner
    ) throws(JSONFailure) -> String {
        guard scanner.peek(line) == UInt8(ascii: "\"") else {
            let offset = scanner.index
            let text = try rawText(line, &scanner)
            throw JSONFailure(
                "\"\(key)\" is \(Self.shortened(text)), expected \(what)", at: offset)
        }
        return try scanner.readString(line)
    }

    func readUUID(
        _ key: EventKey, _ line: Span<UInt8>, _ scanner: inout JSONScanner
    ) throws(JSONFailure) -> UUID {
        let offset = scanner.index
        if scanner.peek(line) == UInt8(ascii: "\"") {
            let (content, hasEscapes) = try scanner.skipString(line)
            if !hasEscapes, let uuid = UUIDText.parse(line.extracting(content)) { return uuid }
        } else {
            _ = try scanner.skipValue(line)
        }
        let text = Self.text(line, offset ..< scanner.index)
        throw JSONFailure(
            "\"\(key)\" is \(Self.shortened(text)), expected a UUID such as \"6f9619ff-8b86-d011-b42d-00c04fc964ff\"",
            at: offset)
    }

    func readBase64(_ line: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONFailure) -> Data {
        let offset = scanner.index
        var text = try readText(.dataBase64, "Base64 in a string", line, &scanner)
        guard let bytes = text.withUTF8({ Base64Text.decode($0.span) }) else {
            throw JSONFailure(
                "\"dataBase64\" is no canonical Base64, expected it with padding, without white space and without bits that no byte takes (RFC 4648)",
                at: offset)
        }
        return Data(bytes)
    }

    func readMetadata(
        _ line: Span<UInt8>, _ scanner: inout JSONScanner
    ) throws(JSONFailure) -> EventMetadata {
        var metadata: EventMetadata = [:]
        guard scanner.take(UInt8(ascii: "{"), line) else {
            throw scanner.unexpected(line, expected: "\"metadata\" to be an object of strings")
        }
        if scanner.take(UInt8(ascii: "}"), line) { return metadata }
        repeat {
            guard scanner.peek(line) == UInt8(ascii: "\"") else {
                throw scanner.unexpected(line, expected: "a key in double quotes")
            }
            let offset = scanner.index
            let name = try scanner.readString(line)
            guard metadata[name] == nil else {
                throw JSONFailure(
                    "the key \(Self.quoted(name)) of \"metadata\" stands again, expected it once", at: offset)
            }
            try scanner.expect(UInt8(ascii: ":"), "a colon behind the key", line)
            guard scanner.peek(line) == UInt8(ascii: "\"") else {
                throw scanner.unexpected(
                    line, expected: "the value of \(Self.quoted(name)) in \"metadata\" to be a string")
            }
            metadata[name] = try scanner.readString(line)
        } while scanner.take(UInt8(ascii: ","), line)
        try scanner.expect(UInt8(ascii: "}"), "a comma or }", line)
        return metadata
    }

    func readTags(_ line: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONFailure) -> [EventTag] {
        var tags: [EventTag] = []
        guard scanner.take(UInt8(ascii: "["), line) else {
            throw scanner.unexpected(line, expected: "\"tags\" to be an array of strings")
        }
        if scanner.take(UInt8(ascii: "]"), line) { return tags }
        repeat {
            guard scanner.peek(line) == UInt8(ascii: "\"") else {
                throw scanner.unexpected(line, expected: "each of \"tags\" to be a string")
            }
            tags.append(EventTag(try scanner.readString(line)))
        } while scanner.take(UInt8(ascii: ","), line)
        try scanner.expect(UInt8(ascii: "]"), "a comma or ]", line)
        return tags
    }

    func readExpectedVersion(
        _ line: Span<UInt8>, _ scanner: inout JSONScanner
    ) throws(JSONFailure) -> ExpectedVersion {
        let offset = scanner.index
        let text = try rawText(line, &scanner)
        switch text {
        case "\"any\"": return .any
        case "\"noStream\"": return .noStream
        case "\"streamExists\"": return .streamExists
        default:
            guard let first = text.utf8.first, first != UInt8(ascii: "+"), let version = UInt64(text) else {
                throw JSONFailure(
                    "\"expectedVersion\" is \(Self.shortened(text)), expected \"any\", \"noStream\", \"streamExists\" or a whole number",
                    at: offset)
            }
            return .exact(Version(version))
        }
    }

    /// The text of the next value as it stands in the line.
    func rawText(_ line: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONFailure) -> String {
        Self.text(line, try scanner.skipValue(line))
    }

    static func text(_ line: Span<UInt8>, _ range: Range<Int>) -> String {
        line.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// A text from the input for a message: bounded, and on one line whatever it holds.
    static func shortened(_ text: String) -> String {
        let isLong = text.unicodeScalars.count > 60
        var result = ""
        for scalar in text.unicodeScalars.prefix(60) {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return isLong ? result + "…" : result
    }

    static func quoted(_ text: String) -> String { "\"\(shortened(text))\"" }
}
