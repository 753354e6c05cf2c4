// What a payload's `encode(to:)` is given. Values become bytes at once; objects and arrays are kept as lists of where those
// bytes are, because the members of an object are written in the order of their keys, and containers may be filled in any
// order.
//
// Invariants: the same payload gives the same bytes wherever it has an order of its own, on every platform: keys are sorted
// by their bytes, numbers and dates have one spelling. Nothing is written that cannot be read back as the same value.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A value that is encoded, or is going to be.
enum JSONPart {
    /// Nothing yet: an empty object in the end.
    case nothing
    /// Bytes among those of the output.
    case token(Range<Int>)
    case object(JSONMembers)
    case array(JSONElements)
    /// What an encoder that was handed out is going to hold.
    case slot(JSONSlot)
}

/// The place of one value.
final class JSONSlot {
    var part = JSONPart.nothing
}

/// The members of an object, in the order in which they were encoded.
final class JSONMembers {
    var members: [(key: String, part: JSONPart)] = []
}

/// The elements of an array.
final class JSONElements {
    var parts: [JSONPart] = []
}

/// The steps from the payload to a value, for errors.
final class JSONStep {
    let parent: JSONStep?
    let key: any CodingKey

    init(_ parent: JSONStep?, _ key: any CodingKey) {
        self.parent = parent
        self.key = key
    }

    static func path(_ last: JSONStep?) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var step = last
        while let known = step {
            path.append(known.key)
            step = known.parent
        }
        return path.reversed()
    }
}

/// The bytes of all values that are encoded, shared by the encoders of one payload.
final class JSONOutput {
    private var bytes: [UInt8] = []

    /// The bytes of a payload.
    static func encode(_ value: some Encodable) throws -> Data {
        let output = JSONOutput()
        let part = try output.part(value, nil)
        if case .nothing = part {
            throw EncodingError.invalidValue(
                value,
                EncodingError.Context(codingPath: [], debugDescription: "The payload encodes no value"))
        }
        var buffer: [UInt8] = []
        buffer.reserveCapacity(output.bytes.count * 2)
        output.append(part, to: &buffer)
        return Data(buffer)
    }

    private func append(_ part: JSONPart, to buffer: inout [UInt8]) {
        switch part {
        case .nothing: buffer.append(contentsOf: "{}".utf8)
        case .token(let range): buffer.append(contentsOf: bytes[range])
        case .slot(let slot): append(slot.part, to: &buffer)
        case .array(let elements):
            buffer.append(UInt8(ascii: "["))
            for (index, part) in elements.parts.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                append(part, to: &buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .object(let object):
            let members = object.members
            // A key that was encoded twice is taken the second time, as a dictionary would.
            let order = members.indices.sorted { left, right in
                if members[left].key.hasBytes(before: members[right].key) { return true }
                return members[left].key.hasSameBytes(as: members[right].key) && left < right
            }
            buffer.append(UInt8(ascii: "{"))
            var isFirst = true
            for (place, index) in order.enumerated() {
                if place + 1 < order.count, members[order[place + 1]].key.hasSameBytes(as: members[index].key)
                {
                    continue
                }
                if !isFirst { buffer.append(UInt8(ascii: ",")) }
                isFirst = false
                JSONText.append(members[index].key, to: &buffer)
                buffer.append(UInt8(ascii: ":"))
                append(members[index].part, to: &buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        }
    }

    // MARK: Values

    private func token(_ write: (inout [UInt8]) -> Void) -> JSONPart {
        let start = bytes.count
        write(&bytes)
        return .token(start ..< bytes.count)
    }

    var null: JSONPart { token { $0.append(contentsOf: "null".utf8) } }

    func part(_ value: Bool) -> JSONPart { token { $0.append(contentsOf: (value ? "true" : "false").utf8) } }

    func part(_ value: String) -> JSONPart { token { JSONText.append(value, to: &$0) } }

    func part(_ value: some FixedWidthInteger) -> JSONPart {
        token { $0.append(contentsOf: value.description.utf8) }
    }

    func part<Value: BinaryFloatingPoint & LosslessStringConvertible>(
        _ value: Value, _ step: @autoclosure () -> JSONStep?
    ) throws -> JSONPart {
        guard value.isFinite else {
            throw refusal(value, "JSON has no number that is not finite", step())
        }
        return token { $0.append(contentsOf: JSONNumber.text(value.description).utf8) }
    }

    /// A value of any type: in the form that it has here, or as its own `encode(to:)` says.
    func part<Value: Encodable>(_ value: Value, _ step: @autoclosure () -> JSONStep?) throws -> JSONPart {
        // By the type and not by trial: a cast costs more than most values.
        let special: JSONPart? =
            switch ObjectIdentifier(Value.self) {
            case ObjectIdentifier(Date.self): try (value as? Date).map { try part(of: $0, step()) }
            case ObjectIdentifier(UUID.self):
                (value as? UUID).map { id in token { UUIDText.appendQuoted(id, to: &$0) } }
            case ObjectIdentifier(Decimal.self): try (value as? Decimal).map { try part(of: $0, step()) }
            case ObjectIdentifier(Data.self): (value as? Data).map(part(of:))
            case ObjectIdentifier(URL.self): (value as? URL).map { part($0.absoluteString) }
            case ObjectIdentifier(JSONValue.self):
                (value as? JSONValue).map { json in token { json.append(to: &$0) } }
            case ObjectIdentifier(JSONNumber.self):
                (value as? JSONNumber).map { number in token { $0.append(contentsOf: number.text.utf8) } }
            default: nil
            }
        return try special ?? encoded(value, step())
    }

    private func encoded(_ value: some Encodable, _ step: JSONStep?) throws -> JSONPart {
        let slot = JSONSlot()
        try value.encode(to: JSONWriting(output: self, slot: slot, step: step))
        return slot.part
    }

    private func part(of date: Date, _ step: JSONStep?) throws -> JSONPart {
        if let text = DateText.text(date) { return part(text) }
        // Further away than a calendar goes: the number that a Date is, seconds since 2001.
        return try part(date.timeIntervalSinceReferenceDate, step)
    }

    private func part(of decimal: Decimal, _ step: JSONStep?) throws -> JSONPart {
        guard let number = JSONNumber(decimal) else {
            throw refusal(decimal, "JSON has no number for a Decimal that is none", step)
        }
        return token { $0.append(contentsOf: number.text.utf8) }
    }

    private func part(of data: Data) -> JSONPart {
        token { buffer in
            buffer.append(UInt8(ascii: "\""))
            data.withUnsafeBytes { bytes in
                Base64Text.append(bytes.bindMemory(to: UInt8.self).span, to: &buffer)
            }
            buffer.append(UInt8(ascii: "\""))
        }
    }

    private func refusal(_ value: Any, _ problem: String, _ step: JSONStep?) -> EncodingError {
        .invalidValue(
            value, EncodingError.Context(codingPath: JSONStep.path(step), debugDescription: problem))
    }
}

extension UUIDText {
    /// Appends a UUID in quotes, in lower case.
    fileprivate static func appendQuoted(_ id: UUID, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\""))
        append(id, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
    }
}
