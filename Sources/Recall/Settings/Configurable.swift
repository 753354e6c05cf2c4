// Stores and routers that a file can name. An adapter says what its kind is called and which settings it reads; the
// application registers those it has, so that nothing is linked that nobody named.

/// An event store, snapshot store or router that can be made by the name of its kind.
///
///     var registry = StoreRegistry()
///     registry.register(LogEventStore.self)
public protocol Configurable: Sendable {
    /// What a file calls the kind, such as `log`.
    static var kind: String { get }

    /// The settings that `make(from:)` reads, so that a misspelt one is found before anything is opened.
    static var settingNames: [SettingName] { get }

    /// Checks the settings as far as that can be done without opening anything, when a configuration is read. A kind that has no check
    /// of its own finds its mistakes when it is made.
    /// - Throws: the settings' errors for a value that is missing or wrong.
    static func check(_ settings: any StoreSettings) throws

    /// Makes one. It asks the settings to be closed with them, where it has something to close.
    /// - Throws: the settings' errors for a value that is missing or wrong, or what kept it from being opened.
    static func make(from settings: any StoreSettings) async throws -> Self
}

extension Configurable {
    /// Checks nothing.
    public static func check(_ settings: any StoreSettings) throws {}
}
