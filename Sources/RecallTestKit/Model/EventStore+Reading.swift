// Reading a query to its end, page by page, with the promises of a page checked on the way.

package import Recall

extension EventStore {
    /// Every event that a query asks for, read page by page.
    /// - Throws: `ConformanceFailure` where a page is larger than asked for, or the pages do not end;
    ///   what the store throws.
    package func readToEnd(_ query: EventQuery) async throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var emptyPageCount = 0
        var next: EventQuery? = query
        while let current = next {
            let page = try await read(current)
            if page.events.count > query.pageEventCountMax {
                throw ConformanceFailure(
                    "Reading \(query): expected at most \(query.pageEventCountMax) events in a page, found \(page.events.count)."
                )
            }
            emptyPageCount = page.events.isEmpty ? emptyPageCount + 1 : 0
            if emptyPageCount > 10_000 || page.next == current {
                throw ConformanceFailure(
                    "Reading \(query): expected the pages to come to an end, but they do not move on.")
            }
            if let limit = query.limit, events.count > limit {
                throw ConformanceFailure(
                    "Reading \(query): expected \(limit) events at most, found \(events.count).")
            }
            events += page.events
            next = page.next
        }
        return events
    }
}
