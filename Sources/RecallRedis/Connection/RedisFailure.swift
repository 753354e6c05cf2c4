// Why a command has no answer that can be used: what decides whether it is tried again, and where.

package import Recall

/// Why one attempt failed.
package enum RedisFailure: Error {
    /// The connection could not be made or was lost.
    /// - `mayHaveRun`: whether the server may have carried out what was sent.
    case connection(String, mayHaveRun: Bool)
    /// The server answered with an error.
    case server(RedisServerError)
    /// Trying again cannot help.
    case store(StoreError)
}

/// An error that a server answered, such as `MOVED 3999 127.0.0.1:6381`.
package struct RedisServerError: Hashable, Sendable {
    package var text: String

    /// The first word, such as `NOSCRIPT`, which says what kind it is.
    var code: Substring { text.prefix { $0 != " " } }

    /// Words behind the first.
    var words: [Substring] { text.split(separator: " ").dropFirst().map { $0 } }

    /// Whether an error inside a script had this code, which servers before version 7 put into the middle.
    func mentions(_ code: String) -> Bool { text.contains(code) }
}
