// JSON values in other coders than Recall's, which give no text of a number away: what is kept of it is as much as they tell.
// Recall's own coders take the text as it stands and never come here.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension JSONValue: Codable {
    /// Takes any JSON. With another decoder than Recall's a whole number keeps its digits up to 64 bits, and any other is what
    /// a `Double` prints of it.
    /// - Throws: `DecodingError`, where the decoder holds none of the kinds of value that JSON has.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(JSONNumber.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let values = try? container.decode([JSONValue].self) {
            self = .array(values)
        } else {
            let container = try decoder.container(keyedBy: TextKey.self)
            var object = JSONObject()
            for key in container.allKeys.sorted(by: { $0.stringValue.hasBytes(before: $1.stringValue) }) {
                object[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
            }
            self.init(.object(object))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch storage {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .number(let value): try value.encode(to: encoder)
        case .string(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value.text)
        case .array(let values):
            var container = encoder.singleValueContainer()
            try container.encode(values)
        case .object(let object):
            var container = encoder.container(keyedBy: TextKey.self)
            // Where a key stands twice, whoever reads it takes the first.
            for member in object.members.reversed() {
                try container.encode(member.value, forKey: TextKey(member.key.text))
            }
        }
    }
}

extension JSONNumber: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int64.self) {
            self.init(value)
        } else if let value = try? container.decode(UInt64.self) {
            self.init(value)
        } else if let number = JSONNumber(try container.decode(Double.self)) {
            self = number
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "JSON has no such number")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value = int64 {
            try container.encode(value)
        } else if let value = uint64 {
            try container.encode(value)
        } else if let value = decimal {
            try container.encode(value)
        } else if let value = double {
            try container.encode(value)
        } else {
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: container.codingPath, debugDescription: "No type holds the number \(text)"))
        }
    }
}
