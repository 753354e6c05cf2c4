// Why bytes are not the JSON that was expected, and where.

/// A place in a line and what is wrong there.
struct JSONFailure: Error, Hashable, CustomStringConvertible {
    /// Where in the line, in bytes from 0; nil where no single place is wrong.
    var offset: Int?
    /// What was found and what was expected, without a full stop.
    var problem: String

    init(_ problem: String, at offset: Int?) {
        self.problem = problem
        self.offset = offset
    }

    /// The problem with its place, counted from 1.
    var description: String {
        offset.map { "\(problem) (at byte \($0 + 1))" } ?? problem
    }
}
