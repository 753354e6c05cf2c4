// What a peer reported.

/// A call of a peer that failed.
struct StoreFailure: Error, CustomStringConvertible {
    var description: String

    init(_ store: StoreName, _ call: String, _ reason: UnsafePointer<CChar>?) {
        let text = reason.map { String(cString: $0) } ?? "no reason given"
        description = "\(store.title) failed to \(call): \(text)"
    }
}
