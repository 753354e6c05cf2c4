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
        var answer = RedisReply.null
        try run([arguments], on: connection) { answer = $1 }
        if case .error(let error) = answer { throw .server(error) }
        return answer
    }

    /// Runs the script several times, sent together.
    /// - Parameters:
    ///   - calls: the arguments of each.
    ///   - last: a command that is sent behind them; nil for none.
    ///   - take: gets the number of a call, from 0, and its answer, which may be an error; `last` has the number behind theirs.
    func run(
        _ calls: [RedisCommand], followedBy last: RedisCommand? = nil, on connection: RedisConnection,
        _ take: (Int, RedisReply) -> Void
    ) throws(RedisFailure) {
        var unknown: [Int] = []
        let behind = last.map { [$0] } ?? []
        try connection.call(calls.map { command("EVALSHA", digest, $0) } + behind) { index, answer in
            if case .error(let error) = answer, error.code == "NOSCRIPT" {
                unknown.append(index)
            } else {
                take(index, answer)
            }
        }
        guard let first = unknown.first else { return }
        // The first one tells the server the script, which it knows for the others.
        let commands = unknown.map { index in
            index == first
                ? command("EVAL", source, calls[index]) : command("EVALSHA", digest, calls[index])
        }
        try connection.call(commands + behind) { take($0 < unknown.count ? unknown[$0] : calls.count, $1) }
    }

    private func command(_ name: String, _ script: String, _ arguments: RedisCommand) -> RedisCommand {
        var command = RedisCommand(name, script)
        command.append(contentsOf: arguments)
        return command
    }
}
