// What a scenario tells a test that it fails. An error, so that every test library shows it, and none has to be linked.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A scenario did not end as it should.
public struct ScenarioFailure: LocalizedError, Sendable, CustomStringConvertible {
    /// What is different, over several lines, with the place of the expectation in front.
    public var message: String

    init(_ message: String, _ place: ScenarioPlace) { self.message = "\(place): \(message)" }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }
}

/// Where an expectation stands.
struct ScenarioPlace: CustomStringConvertible {
    let fileID: StaticString
    let line: UInt

    var description: String { "\(fileID):\(line)" }
}
