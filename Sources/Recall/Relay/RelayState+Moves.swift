// How a relay's state changes: pure, so that what is saved is all that is true.

extension RelayState {
    /// What a store must hold for the state to mean anything in it.
    var eventCursor: EventCursor {
        EventCursor(position: cursor, eventID: cursorEventID, history: history)
    }

    /// Roots of graphs whose events wait behind a parked one.
    var heldRootIDs: Set<AggregateID> {
        Set(parked.lazy.filter(\.isHolding).map(\.rootID))
    }

    /// Passes over events that were confirmed, or that wait behind a parked one.
    /// - Parameter events: those behind the cursor, in order and without gaps.
    mutating func advance(over events: some Sequence<RecordedEvent>) {
        for event in events {
            cursor = event.position
            cursorEventID = event.id
            if parked.isEmpty { continue }
            if let index = parked.firstIndex(where: { $0.isHolding && $0.rootID == event.rootID }) {
                parked[index].heldEventCount += 1
            }
        }
        if let refused = refusal, refused.position <= cursor { refusal = nil }
    }

    /// Sets the event behind the cursor aside.
    mutating func park(_ parkedEvent: ParkedEvent) {
        cursor = parkedEvent.position
        cursorEventID = parkedEvent.eventID
        refusal = nil
        parked.append(parkedEvent)
    }

    /// The place in `parked` of the event at a position.
    func parkedIndex(at position: Position) -> Int? { parked.firstIndex { $0.position == position } }

    /// Lets a later event of the graph be the first that waits, or none.
    /// - Parameters:
    ///   - index: of what was parked.
    ///   - next: the first event of the graph that has not got through, up to the cursor; nil where all have.
    ///   - passedCount: how many events it is farther than before.
    mutating func moveParked(_ index: Int, to next: RecordedEvent?, passedCount: Int, at time: Timestamp) {
        let before = parked[index]
        guard let next else {
            parked.remove(at: index)
            return
        }
        let held = before.heldEventCount
        parked[index] = ParkedEvent(
            position: next.position, eventID: next.id, rootID: before.rootID, eventType: next.type,
            attemptCount: 0,
            reason: "It waited behind the event at position \(before.position), which has left the park.",
            cause: "", time: time, isHolding: true, heldEventCount: held - min(held, UInt64(passedCount)))
        parked.sort { $0.position < $1.position }
    }
}
