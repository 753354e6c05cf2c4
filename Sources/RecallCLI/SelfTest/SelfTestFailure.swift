// Why a promise was found broken.

/// One sentence: what was expected, and what was found.
struct SelfTestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
