// Who the store is to its server. The password is never part of a description, a message or a reflection.

/// A name and a password.
public struct RedisCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The user of the server's access control list; nil for the default user.
    public var user: String?
    /// The password.
    public var password: String

    /// A name and a password; without a name, those of the default user (`requirepass`).
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = password
    }

    public var description: String { "credentials of \(user ?? "the default user")" }
    /// The same as `description`: a debugger's log must not have the password either.
    public var debugDescription: String { description }
    /// Shows the user only.
    public var customMirror: Mirror { Mirror(self, children: ["user": user as Any]) }
}
