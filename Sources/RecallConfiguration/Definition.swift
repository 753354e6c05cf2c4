// What a factory is given: the settings of one definition, each read as a type, with errors that name
// the place; the other definitions; and a place to say what must happen when the services close.

public import Recall

/// One definition of a store or router, as its factory reads it.
public struct Definition: Sendable, CustomReflectable {
    /// The name and the kind. No setting: any of them may be a secret.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "kind": kind]) }

    /// The name that aggregates choose it by.
    public let name: String
    /// The name of its factory.
    public let kind: String
    let section: Section
    let settings: [SettingName]
    let source: ConfigurationSource
    let services: RecallServices

    var key: DefinitionKey { DefinitionKey(section: section, name: name) }

    // MARK: Settings

    /// A setting as text; nil where it is not set.
    /// - Throws: `invalidValue` where it is no single value.
    public func string(_ name: String) throws(ConfigurationError) -> String? {
        try source.text(try path(of: name))
    }

    /// A setting as text that has to be there.
    /// - Throws: `missingValue` where it is not set; `invalidValue` where it is no single value.
    public func requiredString(_ name: String) throws(ConfigurationError) -> String {
        try required(name, try string(name))
    }

    /// A setting as a whole number; nil where it is not set.
    /// - Parameter range: the numbers that are allowed.
    /// - Throws: `invalidValue`, naming the place, where it is no whole number or outside the range.
    public func int(
        _ name: String, in range: ClosedRange<Int> = .min ... .max
    ) throws(ConfigurationError) -> Int? {
        guard let text = try string(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw invalid(name, expected: Self.words(for: range), found: text)
        }
        return value
    }

    /// A setting as a whole number that has to be there.
    /// - Parameter range: the numbers that are allowed.
    /// - Throws: `missingValue` where it is not set; `invalidValue` where it is no whole number or outside
    ///   the range.
    public func requiredInt(
        _ name: String, in range: ClosedRange<Int> = .min ... .max
    ) throws(ConfigurationError) -> Int {
        try required(name, try int(name, in: range))
    }

    /// A setting as true or false (also yes, no, on and off); nil where it is not set.
    /// - Throws: `invalidValue`, naming the place, where it is something else.
    public func bool(_ name: String) throws(ConfigurationError) -> Bool? {
        guard let text = try string(name) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw invalid(name, expected: "true or false", found: text)
        }
    }

    /// A setting as a duration such as `250 ms`, `2.5 s` or `1 min`; nil where it is not set. The units are
    /// us, ms, s, min and h.
    /// - Throws: `invalidValue`, naming the place, where it is something else.
    public func duration(_ name: String) throws(ConfigurationError) -> Duration? {
        guard let text = try string(name) else { return nil }
        let units: [(String, Double)] = [("us", 1e-6), ("ms", 1e-3), ("s", 1), ("min", 60), ("h", 3600)]
        let number = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count).drop(while: \.isWhitespace)
        guard let value = Double(number), value <= 1e9, let scale = units.first(where: { $0.0 == unit })
        else {
            throw invalid(name, expected: "a duration such as 250 ms, 2.5 s or 1 min", found: text)
        }
        return .seconds(value * scale.1)
    }

    /// A setting as one of several words; nil where it is not set. Upper and lower case differ.
    /// - Throws: `invalidValue`, naming the place, where it is something else.
    public func choice(_ name: String, of words: [String]) throws(ConfigurationError) -> String? {
        guard let text = try string(name) else { return nil }
        if words.contains(text) { return text }
        throw invalid(name, expected: "one of \(words.joined(separator: ", "))", found: text)
    }

    /// A setting as a list of texts; nil where it is not set. In an environment variable they are
    /// parted by commas.
    /// - Throws: `invalidValue`, naming the place, where it is something else.
    public func strings(_ name: String) throws(ConfigurationError) -> [String]? {
        try source.texts(try path(of: name))
    }

    /// A setting as a list of texts that has to be there and hold something.
    /// - Throws: `missingValue` where it is not set; `invalidValue` where it is empty or something else.
    public func requiredStrings(_ name: String) throws(ConfigurationError) -> [String] {
        let values = try required(name, try strings(name))
        if values.isEmpty {
            throw source.invalid(
                [section.rawValue, self.name, name], expected: "a list of one element or more",
                found: "an empty one")
        }
        return values
    }

    /// The error for a value that a factory does not accept. The value of a secret is left out.
    /// - Parameters:
    ///   - name: the setting.
    ///   - expected: what it should be, as part of a sentence.
    ///   - found: what it is.
    public func invalid(_ name: String, expected: String, found: String) -> ConfigurationError {
        let isSecret =
            settings.contains { $0.name == name && $0.isSecret } || ConfigurationSource.looksSecret(name)
        return source.invalid(
            [section.rawValue, self.name, name], expected: expected,
            found: isSecret ? "a value that is not shown" : "\"\(found)\"")
    }

    // MARK: What else is defined

    /// An event store that is defined elsewhere.
    /// - Throws: `unknownName`, `circularDefinition`, or what its factory failed with.
    public func eventStore(named name: String) async throws(ConfigurationError) -> any EventStore {
        try await services.eventStore(named: name, for: key)
    }

    /// A snapshot store that is defined elsewhere; nil for `none`.
    /// - Throws: `unknownName`, `circularDefinition`, or what its factory failed with.
    public func snapshotStore(named name: String) async throws(ConfigurationError) -> (any SnapshotStore)? {
        try await services.snapshotStore(named: name, for: key)
    }

    /// A router that is defined elsewhere; nil for `none`.
    /// - Throws: `unknownName`, `circularDefinition`, or what its factory failed with.
    public func router(named name: String) async throws(ConfigurationError) -> (any EventRouter)? {
        try await services.router(named: name, for: key)
    }

    /// Remembers what to do when the services close; the last that was remembered is done first.
    public func onClose(_ close: @escaping @Sendable () async throws -> Void) async {
        await services.remember(close)
    }

    // MARK: Parts

    private func path(of name: String) throws(ConfigurationError) -> [String] {
        let path = [section.rawValue, self.name, name]
        if !settings.contains(where: { $0.name == name }) {
            throw source.error(
                .unknownKey, at: path,
                "the factory of the kind \(kind) reads the setting \(name), which it did not declare: name it where the kind is registered."
            )
        }
        return path
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(ConfigurationError) -> Value {
        if let value { return value }
        let path = [section.rawValue, self.name, name]
        throw source.error(
            .missingValue, at: path,
            "expected the setting \(name), which the \(section.thing) kind \(kind) needs, found nothing: add it, or set \(source.variable(for: path))."
        )
    }

    static func words(for range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "a whole number"
        case (let low, .max): "a whole number of at least \(low)"
        case (.min, let high): "a whole number of at most \(high)"
        case (let low, let high): "a whole number from \(low) to \(high)"
        }
    }
}

/// What identifies a definition.
struct DefinitionKey: Hashable, Sendable, CustomStringConvertible {
    var section: Section
    var name: String
    var description: String { "\(section.rawValue).\(name)" }
}
