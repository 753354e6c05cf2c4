// Some events behind the cursor: those that are delivered now, among those that wait behind a parked one.

/// The events of one delivery.
struct RelayPortion: Sendable {
    /// All that the cursor passes when it succeeds, in order.
    var events: [RecordedEvent] = []
    /// Those of them that the router gets.
    var batch: [RecordedEvent] = []

    /// Takes events from the front.
    /// - Parameters:
    ///   - pending: in order.
    ///   - target: the last position that is taken.
    ///   - countMax: how many the router gets at most; at least 1.
    ///   - bytesMax: how many bytes it gets at most; one event may have more.
    ///   - heldRootIDs: roots of graphs whose events wait.
    init(
        of pending: [RecordedEvent], through target: Position, countMax: Int, bytesMax: Int,
        leavingOut heldRootIDs: Set<AggregateID>
    ) {
        var byteCount = 0
        for event in pending {
            if event.position > target { break }
            if !heldRootIDs.contains(event.rootID) {
                byteCount += event.contentBytesCount
                if batch.count == countMax || (byteCount > bytesMax && !batch.isEmpty) { break }
                batch.append(event)
            }
            events.append(event)
        }
    }
}
