// An event as one line of JSON, the form that the program `recall` prints. Written by hand because the
// keys have an order that a person reads, and because a JSON payload goes in as it is, digit for digit.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RecordedEvent {
    /// The event as one line of JSON, without the line's end.
    ///
    /// A payload that is not JSON, whatever its content type says, travels as `dataBase64`.
    public var jsonLine: String {
        var line = "{\"position\":\(position),\"aggregate\":\"\(aggregateID)\""
        line += ",\"aggregateType\":" + aggregateType.rawValue.jsonQuoted
        line += ",\"version\":\(version),\"id\":\"\(id)\",\"type\":" + type.rawValue.jsonQuoted
        line += ",\"time\":\"\(time)\",\"metadata\":{"
        let sorted = metadata.values.sorted { $0.key < $1.key }
        line += sorted.map { "\($0.key.jsonQuoted):\($0.value.jsonQuoted)" }.joined(separator: ",")
        line += "},\"tags\":[" + tags.map(\.jsonQuoted).joined(separator: ",") + "]"
        if let data = JSONMinifier.minified(payload) {
            line += ",\"data\":\(data)}"
        } else {
            line += ",\"dataBase64\":\"\(payload.base64EncodedString())\"}"
        }
        return line
    }
}

extension String {
    /// The text as a JSON string.
    fileprivate var jsonQuoted: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}" ... "\u{1F}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
