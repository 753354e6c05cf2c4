// A definition as the adapters see it. All but one of the methods are the definition's own.

public import Recall

extension Definition: StoreSettings {
    /// The error for a value that the kind does not accept. The value of a secret is left out.
    public func rejection(of name: String, expected: String, found: String) -> any Error {
        invalid(name, expected: expected, found: found)
    }
}
