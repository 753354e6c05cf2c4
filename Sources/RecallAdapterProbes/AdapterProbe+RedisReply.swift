// The probe of what a Redis server answers: however the network cuts the bytes, the answers are the same.

public import Foundation
internal import RecallProbes
internal import RecallRedis

extension AdapterProbe {
    /// Reads bytes as what a server sends.
    ///
    /// Checked: in one piece and in many the bytes are the same answers and the same error; an answer, written in the form of the
    /// protocol and read again, is the same; after an error there is none.
    /// - Parameter input: the size of a piece (a byte), then the bytes of the connection.
    /// - Returns: how many answers there are.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func redisReply(_ input: Data) throws -> Int {
        guard let size = input.first else { return 0 }
        let bytes = Array(input.dropFirst())
        let whole = try answers(bytes, inPiecesOf: max(1, bytes.count))
        let pieces = try answers(bytes, inPiecesOf: Int(size) + 1)
        try require(
            whole.replies == pieces.replies && whole.hasFailed == pieces.hasFailed,
            "in pieces of \(Int(size) + 1) bytes the answers are others")
        for reply in whole.replies {
            var written: [UInt8] = []
            append(reply, to: &written)
            let again = try answers(written, inPiecesOf: written.count)
            try require(
                again.replies == [reply] && !again.hasFailed, "an answer is read again as another: \(reply)")
        }
        return whole.replies.count
    }

    private static func answers(
        _ bytes: [UInt8], inPiecesOf size: Int
    ) throws -> (replies: [RedisReply], hasFailed: Bool) {
        var reader = try ReplyReader()
        var replies: [RedisReply] = []
        var offset = 0
        do throws(RedisFailure) {
            while offset < bytes.count {
                let end = min(offset + size, bytes.count)
                try feed(bytes[offset ..< end], to: &reader)
                while let reply = try reader.next() { replies.append(reply) }
                offset = end
            }
        } catch {
            let later = try? reader.next()
            try require(later == nil, "there is an answer behind an error")
            return (replies, true)
        }
        return (replies, false)
    }

    private static func feed(
        _ bytes: ArraySlice<UInt8>, to reader: inout ReplyReader
    ) throws(RedisFailure) {
        let copy = Array(bytes)
        let result = copy.withUnsafeBytes { bytes -> RedisFailure? in
            do throws(RedisFailure) {
                try reader.feed(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let result { throw result }
    }

    private static func append(_ reply: RedisReply, to bytes: inout [UInt8]) {
        switch reply {
        case .string(let value):
            bytes += Array("$\(value.count)\r\n".utf8) + value + [0x0D, 0x0A]
        case .status(let text): bytes += Array("+\(text)\r\n".utf8)
        case .error(let error): bytes += Array("-\(error.text)\r\n".utf8)
        case .integer(let value): bytes += Array(":\(value)\r\n".utf8)
        case .null: bytes += Array("$-1\r\n".utf8)
        case .array(let parts):
            bytes += Array("*\(parts.count)\r\n".utf8)
            for part in parts { append(part, to: &bytes) }
        }
    }
}
