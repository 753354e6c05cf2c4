// Two lists of events beside each other, as a person reads them: what is in both, what is missing and what is too many, in order.

/// Where what happened differs from what was expected.
struct EventDifference: CustomStringConvertible {
    private enum Line {
        case both(String)
        case missing(String)
        case unexpected(String)
    }

    private var lines: [Line] = []

    /// - Parameter isEqual: whether the expected event at one index is what happened at another.
    init(expected: [String], happened: [String], isEqual: (Int, Int) -> Bool) {
        // The longest common subsequence; scenarios are short.
        var lengths = Array(
            repeating: Array(repeating: 0, count: happened.count + 1), count: expected.count + 1)
        for left in expected.indices.reversed() {
            for right in happened.indices.reversed() {
                lengths[left][right] =
                    isEqual(left, right)
                    ? lengths[left + 1][right + 1] + 1
                    : max(lengths[left + 1][right], lengths[left][right + 1])
            }
        }
        var (left, right) = (0, 0)
        while left < expected.count || right < happened.count {
            if left < expected.count, right < happened.count, isEqual(left, right) {
                lines.append(.both(happened[right]))
                (left, right) = (left + 1, right + 1)
            } else if right == happened.count
                || left < expected.count && lengths[left + 1][right] >= lengths[left][right + 1]
            {
                lines.append(.missing(expected[left]))
                left += 1
            } else {
                lines.append(.unexpected(happened[right]))
                right += 1
            }
        }
    }

    /// Whether the lists are the same.
    var isEmpty: Bool {
        lines.allSatisfy { if case .both = $0 { true } else { false } }
    }

    var description: String {
        if lines.isEmpty { return "    (nothing)" }
        return lines.map { line in
            switch line {
            case .both(let text): "    \(text)"
            case .missing(let text): "  - \(text)   (expected, and did not happen)"
            case .unexpected(let text): "  + \(text)   (happened, and was not expected)"
            }
        }.joined(separator: "\n")
    }
}
