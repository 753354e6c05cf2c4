// Pages of events as values: what the asynchronous face and the stores above it read.

package import Recall

extension LogReader {
    /// The id of the event at a position that may be seen; nil at 0.
    func eventID(at position: UInt64) throws(StoreError) -> EventID? {
        guard position > 0 else { return nil }
        var found: EventID?
        try forEachCommit(from: position, through: position) { (commit, bytes) throws(StoreError) in
            do throws(FormatError) {
                let ids = try commit.eventIDs(bytes)
                found = EventID(ids[Int(position - commit.firstPosition)].uuid)
            } catch {
                throw bodyDamage(commit, error)
            }
            return .stop
        }
        return found
    }

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
