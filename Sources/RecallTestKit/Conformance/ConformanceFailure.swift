// The answer of a conformance case that a store does not pass. An error and not an expectation of a
// test library, so that the suites run from any test target, under any test library.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a store was expected to do, and what it did instead.
public struct ConformanceFailure: LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// One sentence: what was done, what was expected, and what was found.
    public let message: String

    /// - Parameter message: one sentence: what was done, what was expected, and what was found.
    public init(_ message: String) { self.message = message }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }
}
