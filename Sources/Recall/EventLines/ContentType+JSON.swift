// Which payloads may stand in a line as they are.

extension ContentType {
    /// Whether the bytes are JSON: `application/json` or a type with the suffix `+json` (RFC 6839),
    /// with or without parameters.
    package var isJSON: Bool {
        if self == .json { return true }
        let name = rawValue.prefix { $0 != ";" && $0 != " " }.lowercased()
        return ContentType(name) == .json || name.hasSuffix("+json")
    }
}
