// The one place where tests wait for something outside the process: a condition is asked for again and again,
// until it holds or a deadline has passed. Nothing else sleeps.

/// Waits until a condition holds.
public enum Eventually {
    /// Asks for a value until there is one.
    /// - Parameters:
    ///   - what: what is waited for, for the message.
    ///   - limit: how long it may take.
    ///   - value: asked at once, and then every few milliseconds; nil where it is not there yet.
    /// - Throws: `ServerSupportError` when the time has passed, and what `value` throws.
    public static func value<Value>(
        of what: String, within limit: Duration = .seconds(30), _ value: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = try await value() { return found }
            if ContinuousClock.now > deadline {
                throw ServerSupportError("Waited \(limit) for \(what), in vain.")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Asks for a condition until it holds.
    public static func holds(
        _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
    ) async throws {
        try await value(of: what, within: limit) { try await condition() ? () : nil }
    }
}
