// Why a test has no server. The sentence stands in the failure of the test, so it says what to do.

/// A server, or what it needs, could not be had.
public struct ServerSupportError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
