// Criteria over borrowed bytes: types and tags are compared where they lie, and nothing is copied.

internal import Recall

/// Which events match, by the bytes of their types and tags.
struct RawCriteria: Sendable {
    private struct Item: Sendable {
        var types: [[UInt8]]
        var tags: [[UInt8]]
    }

    private let items: [Item]

    init(_ criteria: EventCriteria) {
        items = criteria.items.map { item in
            Item(
                types: item.types.map { Array($0.rawValue.utf8) },
                tags: item.tags.map { Array($0.rawValue.utf8) })
        }
    }

    func matches(_ event: EventFields, _ bytes: RawSpan) -> Bool {
        items.contains { item in
            (item.types.isEmpty || bytes.holds(anyOf: item.types, at: event.type))
                && (item.tags.count <= event.tagCount
                    && item.tags.allSatisfy { Self.hasTag($0, event, bytes) })
        }
    }

    /// Events have few tags, and criteria too: a walk over them for each one costs less than a set.
    private static func hasTag(_ tag: [UInt8], _ event: EventFields, _ bytes: RawSpan) -> Bool {
        var reader = ByteReader(event.tags)
        for _ in 0 ..< event.tagCount {
            // Who decoded the fields has walked over them.
            guard let range = try? reader.sized(bytes) else { return false }
            if bytes.holds(tag, at: range) { return true }
        }
        return false
    }
}

extension RawSpan {
    /// Whether these bytes, and no others, lie at `range`.
    func holds(_ text: [UInt8], at range: Range<Int>) -> Bool {
        range.count == text.count
            && extracting(range).withUnsafeBytes { $0.elementsEqual(text) }
    }

    func holds(anyOf texts: [[UInt8]], at range: Range<Int>) -> Bool {
        texts.contains { holds($0, at: range) }
    }
}
