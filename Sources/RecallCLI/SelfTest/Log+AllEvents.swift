// Reading all of a log as values, for checks that compare every event.

import Recall
import RecallLog

extension Log {
    /// Appends every event that can be read to some, in order.
    /// - Throws: what reading throws; what was read before it is there.
    func appendAllEvents(to events: inout [RecordedEvent]) throws(StoreError) {
        var next: EventQuery? = EventQuery()
        while let query = next {
            let page = try readBlocking(query)
            events += page.events
            next = page.next
        }
    }
}
