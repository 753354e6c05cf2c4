// Events as lines on standard output, for pipes and for watching what a program does.

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
        var buffer: [UInt8] = []
        for event in events { EventLineEncoder.append(event, to: &buffer) }
        try write(String(decoding: buffer, as: UTF8.self))
    }
}
