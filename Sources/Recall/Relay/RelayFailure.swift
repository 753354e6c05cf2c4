// What an error of the router says about a batch.

/// How a call of the router failed.
struct RelayFailure {
    /// How many events of the batch got through, from the front; always less than all.
    let confirmedCount: Int
    /// Whether the error names the first event that did not get through. Where it is the first of the batch, or the error
    /// names none, any of them can have been the reason.
    let isCertain: Bool
    let isTransient: Bool
    /// Whether waiting does not help either, because what the events were to reach has been closed.
    let isClosed: Bool

    init(_ error: any Error, of batch: [RecordedEvent]) {
        isClosed = error.isClosedFailure
        isTransient = error.isTransientFailure
        guard let routing = error as? EventRoutingError,
            let index = batch.firstIndex(where: { $0.position >= routing.unroutedPositions.lowerBound })
        else {
            confirmedCount = 0
            isCertain = false
            return
        }
        confirmedCount = index
        isCertain = index > 0
    }
}
