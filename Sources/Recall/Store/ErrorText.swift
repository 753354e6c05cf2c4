// What errors say. An error of Recall carries one sentence for a person, and what led to it beside. The sentence is the
// same however an error gets to whoever reads it: printed, logged, or as `localizedDescription` in an alert. It says all
// there is to say, so that nobody has to add the text of a cause that it holds already.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An error whose message tells less than its causes do.
package protocol ErrorWithCauses: Error {
    /// One sentence for a person.
    var message: String { get }
    /// What led to it.
    var causes: [any Error] { get }
}

/// The texts of errors.
package enum ErrorText {
    /// What an error says to a person: its message, where it has one.
    package static func sentence(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            sentence("The key \"\(key.stringValue)\" is missing", context.codingPath)
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            sentence(context.debugDescription, context.codingPath)
        case EncodingError.invalidValue(_, let context):
            sentence(context.debugDescription, context.codingPath)
        default: (error as? any LocalizedError)?.errorDescription ?? String(describing: error)
        }
    }

    /// What is wrong, and where in a payload; values are not told, for they may be secret.
    private static func sentence(_ problem: String, _ path: [any CodingKey]) -> String {
        let place = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        let problem = problem.hasSuffix(".") ? String(problem.dropLast()) : problem
        return place.isEmpty ? "\(problem)." : "\(problem), at \(place.drop { $0 == "." })."
    }

    /// The reason that an error is, to stand in brackets inside of another sentence: without a full stop at its end.
    package static func reason(_ error: any Error) -> String {
        var text = sentence(of: error)
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// What an error says, and with it what its causes are where it does not tell: for who reads it later, and has the
    /// text alone.
    package static func account(of error: any Error) -> String {
        guard let error = error as? any ErrorWithCauses else { return sentence(of: error) }
        return debugging(error.message, causes: error.causes)
    }

    /// A message for a developer, with the code, and with the causes that the message does not tell.
    package static func debugging(
        _ message: String, code: String? = nil, causes: [any Error] = []
    ) -> String {
        var parts = code.map { [$0] } ?? []
        for cause in causes where !message.contains(reason(cause)) {
            parts.append("cause: \(String(reflecting: cause))")
        }
        return parts.isEmpty ? message : "\(message) [\(parts.joined(separator: "; "))]"
    }
}
