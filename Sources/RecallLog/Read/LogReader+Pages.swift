// Pages of events as values: what the asynchronous face and the stores above it read.

package import Recall

extension LogReader {
    /// Reads a page.
    /// - Parameter published: the last position that may be seen.
    package func read(_ query: EventQuery, published: UInt64) throws(StoreError) -> EventPage {
        try query.check()
        if query.limit == 0 { return EventPage(events: [], next: nil) }
        var page = PageBuilder(query, path: path)
        try visit(query, published: published, &page)
        return page.finish()
    }
}
