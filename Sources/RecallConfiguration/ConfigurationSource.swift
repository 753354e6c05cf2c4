// Where values come from: environment variables first, then the file, through one reader. Keys of the
// file are kept beside it, because a reader can only be asked for what is already known, and a misspelt
// key would stay unseen.

#if Configuration
internal import Configuration
#else
#error(
    "RecallConfiguration needs the trait Configuration: name it in the dependency on recall, as in traits: [\"Configuration\"]."
)
#endif
internal import Recall

/// The file and the environment as one.
struct ConfigurationSource: Sendable, CustomReflectable {
    /// The file and no value: any of them may be a secret.
    var customMirror: Mirror { Mirror(self, children: ["file": file as Any]) }

    /// The names of all environment variables, in order.
    let variableNames: [String]
    let file: String?
    /// The path of every value in the file, in order.
    let fileKeys: [[String]]
    private let reader: ConfigReader
    /// Of the file alone; nil without one.
    private let fileReader: ConfigReader?
    private let environment: any ConfigProvider

    /// - Parameters:
    ///   - file: the file; nil for the environment alone.
    ///   - environment: the variables, by name.
    ///   - prefix: what the names of all variables begin with; nil for nothing.
    init(file: ConfigurationFile?, environment: [String: String], prefix: String?) {
        self.file = file?.path
        variableNames = environment.keys.sorted()
        let variables = EnvironmentVariablesProvider(
            environmentVariables: environment,
            secretsSpecifier: .dynamic { key, _ in Self.looksSecret(key) })
        self.environment =
            prefix.map { variables.prefixKeys(with: ConfigKey([$0])) as any ConfigProvider } ?? variables
        fileKeys = file?.keys ?? []
        reader = ConfigReader(providers: [self.environment] + (file.map { [$0.provider] } ?? []))
        fileReader = file.map { ConfigReader(provider: $0.provider) }
    }

    /// Whether an environment variable can stand for a path: their names are ASCII. Making one of another name asks each letter
    /// whether it is a small one, which stops the program at some letters with accents of their own.
    private static func canBeVariable(_ path: [String]) -> Bool {
        path.allSatisfy { part in part.utf8.allSatisfy { $0 < 0x80 } }
    }

    private func reader(of path: [String]) -> ConfigReader? {
        Self.canBeVariable(path) ? reader : fileReader
    }

    /// The environment's answer for a path; nil where it cannot have one.
    private func lookUp(_ path: [String]) -> LookupResult? {
        guard Self.canBeVariable(path) else { return nil }
        return try? environment.value(forKey: AbsoluteConfigKey(path), type: .string)
    }

    /// Whether the name of a value alone says that it must not be shown.
    static func looksSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["password", "passphrase", "secret", "token", "credential", "private", "api_key"]
            .contains { key.contains($0) }
    }

    // MARK: Values

    /// A value as text; nil where there is none.
    /// - Throws: where a list or a mapping stands in its place.
    func text(_ path: [String]) throws(ConfigurationError) -> String? {
        if let value = reader(of: path)?.string(forKey: ConfigKey(path), isSecret: true) {
            if value.isEmpty {
                throw invalid(path, expected: "a value", found: "nothing")
            }
            return value
        }
        if fileKeys.contains(path) { throw invalid(path, expected: "a single value", found: "a list") }
        if fileKeys.contains(where: { $0.count > path.count && $0.starts(with: path) }) {
            throw invalid(path, expected: "a single value", found: "a mapping")
        }
        return nil
    }

    /// A list of texts; nil where there is none. In the environment the elements are parted by commas.
    func texts(_ path: [String]) throws(ConfigurationError) -> [String]? {
        if let values = reader(of: path)?.stringArray(forKey: ConfigKey(path), isSecret: true) {
            return values
        }
        if fileKeys.contains(path) { throw invalid(path, expected: "a list", found: "a single value") }
        if fileKeys.contains(where: { $0.count > path.count && $0.starts(with: path) }) {
            throw invalid(path, expected: "a list", found: "a mapping")
        }
        return nil
    }

    /// Whether the file or the environment has a value at the path.
    func contains(_ path: [String]) -> Bool {
        fileKeys.contains(path) || reader(of: path)?.string(forKey: ConfigKey(path), isSecret: true) != nil
    }

    // MARK: Errors

    /// The file and the key, or the environment variable that stands over them.
    func place(of path: [String]) -> String {
        if let lookup = lookUp(path), lookup.value != nil {
            return "environment variable \(lookup.encodedKey)"
        }
        return [file, path.joined(separator: ".")].compactMap { $0 }.joined(separator: ": ")
    }

    /// The name of the environment variable that can hold a value.
    func variable(for path: [String]) -> String {
        lookUp(path)?.encodedKey ?? path.joined(separator: "_").uppercased()
    }

    func error(
        _ code: ConfigurationError.Code, at path: [String], _ message: String, cause: (any Error)? = nil
    ) -> ConfigurationError {
        ConfigurationError(
            code, message, place: place(of: path), keyPath: path.joined(separator: "."), cause: cause)
    }

    /// A value that is not as it should be.
    func invalid(_ path: [String], expected: String, found: String) -> ConfigurationError {
        error(.invalidValue, at: path, "expected \(expected), found \(found.withoutCredentials).")
    }
}
