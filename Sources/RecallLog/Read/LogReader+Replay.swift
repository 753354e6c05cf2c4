// Reading without copying: each event is lent to the caller in place, and nothing is allocated for it.

package import Recall

extension LogReader {
    /// Lends each event that a query wants to `body`, in the order of the query.
    /// - Parameter ahead: whether, and from which size on, other threads read ahead.
    package func replay(
        _ query: EventQuery, published: UInt64, ahead: ReadAhead = .none,
        _ body: (EventFields, RawSpan) throws(StoreError) -> Bool
    ) throws(StoreError) {
        try query.check()
        if query.limit == 0 { return }
        // The closure is held by the consumer, which does not outlive this call.
        try withoutActuallyEscaping(body) { (body) throws(StoreError) in
            var lending = Lending(body: body, remainingCount: query.limit ?? .max)
            if ahead.threadCount > 1, query.scope == .all, query.direction == .forwards,
                lending.remainingCount >= ahead.eventCountMin
            {
                try visitAhead(query, published: published, ahead, &lending)
            } else {
                try visit(query, published: published, &lending)
            }
        }
    }
}

/// Lends events to a closure, up to a limit.
private struct Lending: EventConsumer, ~Copyable {
    let body: (EventFields, RawSpan) throws(StoreError) -> Bool
    var remainingCount: Int

    @inline(__always)
    mutating func begin(_ commit: borrowing CommitHeader) -> WalkStep { .goOn }

    @inline(__always)
    mutating func take(_ event: EventFields, _ bytes: RawSpan) throws(StoreError) -> WalkStep {
        remainingCount -= 1
        return try body(event, bytes) && remainingCount > 0 ? .goOn : .stop
    }
}
