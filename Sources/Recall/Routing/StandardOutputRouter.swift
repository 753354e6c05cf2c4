// Events as lines on standard output, for pipes and for watching what a program does.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Prints each event as a line of JSON.
public struct StandardOutputRouter: EventRouter {
    private let write: @Sendable (String) throws -> Void

    /// - Parameter write: gets the lines of one commit, each with its end; prints them unless said
    ///   otherwise.
    public init(write: @escaping @Sendable (String) throws -> Void = { print($0, terminator: "") }) {
        self.write = write
    }

    /// Prints the events.
    /// - Throws: what `write` throws.
    public func route(_ events: [RecordedEvent]) async throws {
        // One call for a commit, so that the lines of two commits do not mix.
        try write(events.map { $0.jsonLine + "\n" }.joined())
    }
}
