// One line of the result.

/// A measurement of Recall and of those that can do the same.
struct Row: Codable, Sendable {
    /// Stable, for scripts.
    var name: String
    /// For a person.
    var title: String
    /// `events/s`, `loads/s`, `saves/s`, `bytes/event` or `ms`.
    var unit: String
    /// The median over the rounds.
    var values: [StoreName: Double]
    /// The median over the rounds of Recall's rate divided by the other's in the same round.
    var ratios: [StoreName: Double] = [:]
    var roundCount: Int
    /// What the design demands of the row.
    var targets: [Target] = []
    /// Of one save or load, in microseconds: the whole, and what its parts take alone.
    var parts: [String: Double]?
}
