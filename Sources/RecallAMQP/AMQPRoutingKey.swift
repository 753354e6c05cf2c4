// The words of a routing key. A topic exchange divides a key at full stops, and in bindings `*` stands for a word and `#` for
// any number: names must not bring either about.

internal import Recall

/// Routing keys of events.
enum AMQPRoutingKey {
    /// How many bytes AMQP allows.
    static let bytesMax = 255

    /// `aggregateType.eventType`, with what a word cannot hold as `%` and two hexadecimal digits for each byte.
    static func key(of event: RecordedEvent) -> String {
        "\(word(event.aggregateType.rawValue)).\(word(event.type.rawValue))"
    }

    /// Everything but ASCII letters, digits, `-`, `_` and what is not ASCII at all is escaped.
    static func word(_ name: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
                UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...:
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 0xF)]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
