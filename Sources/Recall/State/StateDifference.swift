// Where a state that was kept, and the state that the events give, part.

/// A place at which two states differ.
public struct StateDifference: Hashable, Sendable, CustomStringConvertible {
    /// The way to it through properties and elements, such as `employees[2].title`; empty for the whole.
    public var path: String
    /// What was kept there.
    public var kept: String
    /// What the events give there.
    public var replayed: String

    /// What differs at a path. Long values are cut off.
    init(path: String, kept: String, replayed: String) {
        self.path = path
        self.kept = Self.cut(kept)
        self.replayed = Self.cut(replayed)
    }

    private static func cut(_ text: String) -> String {
        let characterCountMax = 80
        return text.count > characterCountMax ? text.prefix(characterCountMax) + "…" : text
    }

    public var description: String {
        path.isEmpty
            ? "the state is \(kept), and the events give \(replayed)"
            : "\(path) is \(kept), and the events give \(replayed)"
    }
}
