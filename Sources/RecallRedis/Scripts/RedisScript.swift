// A script that runs on the server, known there by its digest once it was sent.

internal import COpenSSL

/// A Lua script.
struct RedisScript: Sendable {
    let source: String
    private let digest: String

    init(_ source: String) {
        self.source = source
        var bytes = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        let text = Array(source.utf8)
        _ = SHA1(text, text.count, &bytes)
        digest = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Runs the script.
    /// - Parameter arguments: the number of keys, the keys, and the arguments.
    /// - Throws: `server` where it, or a command in it, ended with an error.
    func run(_ arguments: RedisCommand, on connection: RedisConnection) throws(RedisFailure) -> RedisReply {
        var command = RedisCommand("EVALSHA", digest)
        command.append(contentsOf: arguments)
        do throws(RedisFailure) {
            return try connection.call(command)
        } catch {
            guard case .server(let answer) = error, answer.code == "NOSCRIPT" else { throw error }
        }
        command = RedisCommand("EVAL", source)
        command.append(contentsOf: arguments)
        return try connection.call(command)
    }
}
