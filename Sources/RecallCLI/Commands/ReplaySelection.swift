// What `recall replay` prints: a query that the store answers, and what no query says: of one aggregate's events those that belong to one
// graph. An entity's events may name another root from a commit on, so each event is looked at.

import Recall

struct ReplaySelection {
    var query: EventQuery
    /// The root of what is printed, where the query's scope is an aggregate.
    private let root: AggregateID?
    /// How many more are printed where `root` decides; nil for all, or where the query's own limit holds.
    private var rest: Int?

    init(_ query: EventQuery, aggregate: AggregateID?, graph: AggregateID?) {
        self.query = query
        root = aggregate == nil ? nil : graph
        if let aggregate {
            self.query.scope = .aggregate(aggregate)
        } else if let graph {
            self.query.scope = .graph(graph)
        }
        if root != nil {
            rest = query.limit
            if query.limit != 0 { self.query.limit = nil }
        }
    }

    /// Whether no more is printed.
    var isDone: Bool { rest == 0 || query.limit == 0 }

    /// What is printed of a page.
    mutating func select(_ events: [RecordedEvent]) -> [RecordedEvent] {
        guard let root else { return events }
        var selected = events.filter { $0.rootID == root }
        if let limit = rest {
            selected = Array(selected.prefix(limit))
            rest = limit - selected.count
        }
        return selected
    }
}
