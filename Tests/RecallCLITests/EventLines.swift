// Lines of input for the tests, and the few questions they ask of the program's output.

import Foundation
import Testing

enum EventLines {
    static let company = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
    static let other = "00000000-0000-4000-8000-000000000002"

    /// A line with the least that is needed, and what `more` adds before the payload.
    static func line(_ type: String, _ aggregate: String = company, more: String = "", data: String = "{}")
        -> String
    {
        "{\"aggregate\":\"\(aggregate)\",\"type\":\"\(type)\",\(more)\"data\":\(data)}\n"
    }

    /// A number under `key` in each line of output.
    static func numbers(_ key: String, of outcome: RecallProgram.Outcome) throws -> [Int] {
        try outcome.lines.map { try #require(try object($0)[key] as? Int) }
    }

    /// A text under `key` in each line of output.
    static func texts(_ key: String, of outcome: RecallProgram.Outcome) throws -> [String] {
        try outcome.lines.map { try #require(try object($0)[key] as? String) }
    }

    static func object(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(value as? [String: Any], "\(line)")
    }
}

/// Checks that a command failed as the contract says: a status, one sentence, and no data.
func expectFailure(
    _ outcome: RecallProgram.Outcome, _ status: Int32, _ sentence: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.hasPrefix("recall: "), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.hasSuffix(".\n"), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
        outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
}
