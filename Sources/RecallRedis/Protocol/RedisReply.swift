// What a server answered, as a value. Nothing about its shape is taken for granted: each look says what it expects.

internal import Recall

/// An answer of a server.
package enum RedisReply: Hashable, Sendable {
    case string([UInt8])
    case status(String)
    case error(RedisServerError)
    case integer(Int64)
    case null
    case array([RedisReply])

    /// The text of a string or status; nil for anything else, and for bytes that are no UTF-8.
    var text: String? {
        switch self {
        case .string(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The bytes of a string; nil for anything else.
    var bytes: [UInt8]? {
        if case .string(let bytes) = self { return bytes }
        return nil
    }

    /// The parts of an array; nil for anything else.
    var elements: [RedisReply]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// An integer, or the integer that a string spells; nil for anything else.
    var integer: Int64? {
        if case .integer(let value) = self { return value }
        return text.flatMap { Int64($0) }
    }

    /// What kind of answer it is and how large, for messages: never its content, which may be an event's.
    var summary: String {
        switch self {
        case .string(let bytes): "a string of \(bytes.count) bytes"
        case .status(let text): "the status \(text.prefix(64))"
        case .error(let error): "the error \(error.text.prefix(256))"
        case .integer: "an integer"
        case .null: "nothing"
        case .array(let elements): "an array of \(elements.count)"
        }
    }
}

extension RedisFailure {
    /// An answer of a form that the store does not know.
    static func unexpected(_ reply: RedisReply, to what: String) -> RedisFailure {
        .store(.unexpected(reply, to: what))
    }
}

extension StoreError {
    static func unexpected(_ reply: RedisReply, to what: String) -> StoreError {
        StoreError(
            .unavailable,
            "The server answered \(what) with \(reply.summary), which no Redis server that Recall knows does; check that the address is that of a Redis server of version 6.2 or later."
        )
    }
}
