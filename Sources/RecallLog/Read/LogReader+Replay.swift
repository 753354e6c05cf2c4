// Replaying without copying: each event is lent to the caller in place, and nothing is allocated for it.

package import Recall

extension LogReader {
    /// Lends each event that a query wants to `body`, in order of position.
    package func replay(
        _ query: EventQuery, published: UInt64,
        _ body: (EventFields, RawSpan) throws(StoreError) -> Bool
    ) throws(StoreError) {
        try query.check()
        guard query.direction == .forwards, query.scope == .all else {
            throw StoreError(
                .invalidArgument,
                "A replay goes forwards over all aggregates; read pages for the other ways.")
        }
        if query.limit == 0 { return }
        let first = max(1, query.positions.lowerBound.rawValue)
        let last = min(published, query.positions.upperBound.rawValue)
        let filter = EventFilter(query)
        var memory = BodyMemory()
        var records = RecordReader()
        var remainingCount = query.limit ?? .max
        try forEachCommit(from: first, through: last) { (commit, segment) throws(StoreError) in
            do throws(FormatError) { try memory.load(commit, segment) } catch {
                throw bodyDamage(commit, error)
            }
            return try memory.withBody(of: commit, segment) { (bytes) throws(StoreError) -> Step in
                do throws(FormatError) {
                    try records.begin(commit, segment: segment, body: bytes)
                } catch {
                    throw bodyDamage(commit, error)
                }
                while true {
                    let next: EventFields?
                    do throws(FormatError) {
                        next = try records.next(segment: segment, body: bytes)
                    } catch {
                        throw bodyDamage(commit, error)
                    }
                    guard let event = next else { return .goOn }
                    guard filter.accepts(event, bytes) else { continue }
                    remainingCount -= 1
                    if try !body(event, bytes) || remainingCount == 0 { return .stop }
                }
            }
        }
    }
}
