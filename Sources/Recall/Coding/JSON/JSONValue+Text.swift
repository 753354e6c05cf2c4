// JSON values from text and to text: the text of what nobody has changed is the text that was read.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension JSONValue {
    /// The value that JSON text holds, with all its spellings.
    /// - Throws: `DecodingError`, where the bytes are not JSON in UTF-8 or hold more than 512 values in each other.
    public init(parsing data: Data) throws {
        let document = try JSONDocument(data)
        self = document.value(0)
    }

    /// The value as one line of UTF-8 JSON, without white space between its parts.
    public var data: Data {
        var buffer: [UInt8] = []
        append(to: &buffer)
        return Data(buffer)
    }

    func append(to buffer: inout [UInt8]) {
        switch storage {
        case .null: buffer.append(contentsOf: "null".utf8)
        case .bool(let value): buffer.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): buffer.append(contentsOf: value.text.utf8)
        case .string(let value): value.append(to: &buffer)
        case .array(let values):
            buffer.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                value.append(to: &buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .object(let object):
            buffer.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                member.key.append(to: &buffer)
                buffer.append(UInt8(ascii: ":"))
                member.value.append(to: &buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON text.
    public var description: String {
        var buffer: [UInt8] = []
        append(to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }
}

extension JSONDocument {
    /// The value of a token with all that is in it.
    func value(_ index: Int) -> JSONValue {
        let token = tokens[index]
        switch token.kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .number: return .number(JSONNumber(checked: rawText(token)))
        case .string, .escapedString: return JSONValue(.string(string(token)))
        case .array:
            var values: [JSONValue] = []
            values.reserveCapacity(token.count)
            var child = index + 1
            for _ in 0 ..< token.count {
                values.append(value(child))
                child = tokens[child].next
            }
            return .array(values)
        case .object:
            var members: [JSONObject.Member] = []
            members.reserveCapacity(token.count)
            var child = index + 1
            for _ in 0 ..< token.count {
                members.append(JSONObject.Member(key: string(tokens[child]), value: value(child + 1)))
                child = tokens[child + 1].next
            }
            return JSONValue(.object(JSONObject(members)))
        }
    }

    /// A string with its spelling, where that is not the one it would be written with.
    private func string(_ token: JSONToken) -> JSONString {
        guard token.kind == .escapedString else { return JSONString(rawText(token)) }
        let source = Array(bytes[token.range])
        let content = source[...]
        guard let text = try? text(token) else {
            let shown = (try? JSONScanner.text(content.span, replacingHalves: true)) ?? ""
            return JSONString(shown, source: source, isBroken: true)
        }
        var written: [UInt8] = []
        JSONText.append(text, to: &written)
        return written.dropFirst().dropLast().elementsEqual(source)
            ? JSONString(text) : JSONString(text, source: source, isBroken: false)
    }
}
