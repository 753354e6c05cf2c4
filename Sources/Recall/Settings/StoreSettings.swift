// What a store or router is told when it is made by name: texts under names, wherever they come from. The seam between
// adapters, which know their settings, and whoever reads a file, which an adapter must not know.

/// The settings of one store or router. RecallConfiguration's `Definition` gives those of a file and the environment.
///
/// Each error names the place of the setting, and never shows the value of a secret.
public protocol StoreSettings: Sendable {
    /// The name that aggregates choose the store or router by.
    var name: String { get }

    /// A setting as text; nil where it is not set.
    /// - Throws: where it is no single value, or the kind did not name it among its settings.
    func string(_ name: String) throws -> String?

    /// A setting as text that has to be there.
    /// - Throws: where it is not set, too.
    func requiredString(_ name: String) throws -> String

    /// A setting as a whole number in a range; nil where it is not set.
    /// - Throws: where it is something else.
    func int(_ name: String, in range: ClosedRange<Int>) throws -> Int?

    /// A setting as true or false; nil where it is not set.
    /// - Throws: where it is something else.
    func bool(_ name: String) throws -> Bool?

    /// A setting as a duration such as `250 ms`; nil where it is not set.
    /// - Throws: where it is something else.
    func duration(_ name: String) throws -> Duration?

    /// A setting as one of several words; nil where it is not set.
    /// - Throws: where it is something else.
    func choice(_ name: String, of words: [String]) throws -> String?

    /// A setting as a list of texts; nil where it is not set.
    /// - Throws: where it is something else.
    func strings(_ name: String) throws -> [String]?

    /// The error for a value that the kind does not accept.
    /// - Parameters:
    ///   - name: the setting.
    ///   - expected: what it should be, as part of a sentence.
    ///   - found: what it is.
    func rejection(of name: String, expected: String, found: String) -> any Error

    /// An event store that is defined elsewhere.
    /// - Throws: where there is none of that name, or it cannot be made.
    func eventStore(named name: String) async throws -> any EventStore

    /// Remembers what to do when everything is closed; the last that was remembered is done first.
    func onClose(_ close: @escaping @Sendable () async throws -> Void) async
}
