// The one error of this target. Its sentence says where the value stands, what was expected and what
// was found, so that a file can be corrected without reading a source. Values of secrets are never in it.

internal import Recall

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What is wrong with a configuration, and where.
public struct ConfigurationError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// What kind of mistake it is: stable, to be compared in code.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        /// A code that is not among those below. Two codes are the same when their texts are.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// There is no file at the path.
        public static let missingFile = Code("missingFile")
        /// The file cannot be read, or is not YAML of the expected form.
        public static let malformedFile = Code("malformedFile")
        /// A key that nothing reads, most often a misspelt one.
        public static let unknownKey = Code("unknownKey")
        /// A value that is needed is not there.
        public static let missingValue = Code("missingValue")
        /// A value of another type, out of range, or none of those that are allowed.
        public static let invalidValue = Code("invalidValue")
        /// A name that is neither defined nor registered.
        public static let unknownName = Code("unknownName")
        /// Definitions that need each other.
        public static let circularDefinition = Code("circularDefinition")
        /// A factory could not make what is defined.
        public static let factoryFailed = Code("factoryFailed")
        /// The services have been closed.
        public static let closed = Code("closed")
    }

    /// What kind of mistake it is, to be compared in code.
    public var code: Code
    /// The file, the key or the environment variable, and both where both are known.
    public var place: String?
    /// The path of the key, such as `Account.event_store`.
    public var keyPath: String?
    /// One sentence: what was expected, what was found, and what to do.
    public var message: String
    /// What a factory, the file system or the YAML parser threw; nil where the value itself was refused.
    public var cause: (any Error)?

    /// An error with what is known about it.
    /// - Parameters:
    ///   - code: what kind of mistake it is.
    ///   - message: one sentence: what was expected, what was found, and what to do; no secret's value.
    ///   - place: the file, the key or the environment variable.
    ///   - keyPath: the path of the key, such as `Account.event_store`.
    ///   - cause: what led to it.
    public init(
        _ code: Code, _ message: String, place: String? = nil, keyPath: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        // Names and values of a file may hold anything, and a message is one line.
        self.message = message.withoutURLCredentials.onOneLine
        self.place = place?.onOneLine
        self.keyPath = keyPath
        self.cause = cause
    }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { place.map { "\($0): \(message)" } ?? message }

    public var description: String { place.map { "\($0): \(message)" } ?? message }

    /// The message with its code and its cause, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(description, code: code.description, causes: cause.map { [$0] } ?? [])
    }
}

extension String {
    /// The text without what stands between a scheme and an `@` behind it.
    fileprivate var withoutURLCredentials: String {
        contains("://") ? withoutCredentials : self
    }

    /// The text with its control characters escaped.
    fileprivate var onOneLine: String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value < 0x20 || (0x7F ... 0x9F).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029
        }
        guard unicodeScalars.contains(where: isControl) else { return self }
        return unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}
