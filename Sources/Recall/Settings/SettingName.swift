// The settings that a factory knows. Declared when it is registered, so that a misspelt one is found
// before anything is opened.

/// The name of a setting of a store or router, and whether its value may be shown.
public struct SettingName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The key in the file below the definition, such as `path`.
    public let name: String
    /// Whether the value must never stand in a message.
    public let isSecret: Bool

    /// A setting that a factory reads.
    /// - Parameters:
    ///   - name: the key in the file below the definition.
    ///   - isSecret: whether the value must never stand in a message. Names that look like a secret's are
    ///     treated as one in any case.
    public init(_ name: String, isSecret: Bool = false) {
        self.name = name
        self.isSecret = isSecret
    }

    public init(stringLiteral value: String) { self.init(value) }

    /// A setting whose value never stands in a message, such as a password.
    public static func secret(_ name: String) -> SettingName { SettingName(name, isSecret: true) }
}
