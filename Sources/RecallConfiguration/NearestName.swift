// Finds what a misspelt name was meant to be.

/// Names that are alike.
enum NearestName {
    /// The name that takes the fewest changes to become `name`; nil where all are too different.
    static func of(_ name: String, among known: some Sequence<String>) -> String? {
        known
            .map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= max(1, $0.name.count / 3) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// How many letters must be put in, taken out, replaced or swapped with their neighbour.
    static func distance(_ one: String, _ other: String) -> Int {
        let left = Array(one)
        let right = Array(other)
        var rows = [Array(0 ... right.count)]
        for row in 0 ..< left.count {
            var current = [row + 1]
            for column in 0 ..< right.count {
                let isSame = left[row] == right[column]
                var best = min(
                    rows[row][column] + (isSame ? 0 : 1), rows[row][column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                current.append(best)
            }
            rows.append(current)
        }
        return rows[left.count][right.count]
    }

    /// Names as a sentence has them.
    static func list(_ names: some Sequence<String>) -> String {
        let sorted = names.sorted()
        return sorted.isEmpty ? "none" : sorted.joined(separator: ", ")
    }

    /// The part of a sentence that proposes a name.
    static func proposal(for name: String, among known: some Sequence<String>) -> String {
        of(name, among: known).map { "did you mean \($0)?" } ?? "use one of these, or take it out."
    }
}
