// The keys of an event's line, in the order in which they are written.

enum EventKey: String, CaseIterable {
    case position, aggregate, aggregateType, version, id, type, time, metadata, tags
    case root, schemaVersion, contentType, data, dataBase64
    /// On input only.
    case expectedVersion

    /// The keys for a person, such as `a, b or c`.
    static var list: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}
