// What a caller believes about a stream when it appends. A wrong belief is a conflict, and a
// conflict writes nothing.

/// What must be true of a stream for a commit to be stored.
public enum ExpectedVersion: Hashable, Sendable, CustomStringConvertible {
    /// Nothing is expected.
    case any
    /// The stream has no event.
    case noStream
    /// The stream has an event.
    case streamExists
    /// The last event of the stream has this version; `exact(0)` means the same as `noStream`.
    case exact(Version)

    /// Whether a stream whose last event has the version `actual` (0: no event) is as expected.
    public func accepts(_ actual: Version) -> Bool {
        switch self {
        case .any: true
        case .noStream: actual == .beforeFirst
        case .streamExists: actual != .beforeFirst
        case .exact(let version): actual == version
        }
    }

    public var description: String {
        switch self {
        case .any: "any version"
        case .noStream: "no stream"
        case .streamExists: "an existing stream"
        case .exact(let version): "version \(version)"
        }
    }
}
