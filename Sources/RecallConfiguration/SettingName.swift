// The settings that a factory knows. Declared when it is registered, so that a misspelt one is found
// before anything is opened.

/// The name of a setting of a store or router, and whether its value may be shown.
public struct SettingName: Hashable, Sendable, ExpressibleByStringLiteral {
    public let name: String
    /// Whether the value must never stand in a message.
    public let isSecret: Bool

    public init(_ name: String, isSecret: Bool = false) {
        self.name = name
        self.isSecret = isSecret
    }

    public init(stringLiteral value: String) { self.init(value) }

    /// A setting whose value never stands in a message, such as a password.
    public static func secret(_ name: String) -> SettingName { SettingName(name, isSecret: true) }
}
