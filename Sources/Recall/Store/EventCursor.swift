// Where somebody is who reads on, and what he knows to be there. A position alone proves nothing: a store that lost its last events,
// or was restored to an earlier moment, gives the same positions to other events. The id of the event tells.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which history of which store: a store that goes on from an earlier moment is another one.
public struct StoreHistory: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The identity that the store got when it was made. A backup, and what is restored of it, has it too.
    public var storeID: UUID
    /// Another one since each restore of the store to an earlier moment.
    public var incarnation: UUID

    /// A history as a store names it.
    public init(storeID: UUID, incarnation: UUID) {
        self.storeID = storeID
        self.incarnation = incarnation
    }

    public var description: String {
        "\(storeID.uuidString.lowercased())/\(incarnation.uuidString.lowercased())"
    }
}

/// The last event that a reader has passed: its position, and what proves that the store still holds it there.
///
/// Keep all of it where a reader is to go on later. Reading with it (`EventQuery.cursor`) refuses with `anotherHistory` where the store
/// has another event at the position or none, or says that it is another history.
public struct EventCursor: Hashable, Sendable, Codable {
    /// Everything up to here was passed.
    public var position: Position
    /// The id of the event there; nil where it is not known, and then only its existence is proved.
    public var eventID: EventID?
    /// Which history the position belongs to; nil where that is not known, and for stores that do not say it.
    public var history: StoreHistory?

    /// Before the first event of any store: proves nothing.
    public static let start = EventCursor(position: .beforeFirst)

    /// A cursor with what is known.
    /// - Parameters:
    ///   - position: everything up to here was passed.
    ///   - eventID: of the event there.
    ///   - history: which history the position belongs to.
    public init(position: Position, eventID: EventID? = nil, history: StoreHistory? = nil) {
        self.position = position
        self.eventID = eventID
        self.history = history
    }

    /// Behind an event.
    /// - Parameter history: of the store that gave it, where that is known.
    public init(after event: RecordedEvent, history: StoreHistory? = nil) {
        self.init(position: event.position, eventID: event.id, history: history)
    }
}

extension EventCursor {
    /// Holds the cursor against a store.
    /// - Parameters:
    ///   - present: the history that the store is; nil where it has no name for it.
    ///   - last: the last position that readers may see.
    ///   - eventID: finds the event at a position that is not behind `last`.
    /// - Throws: `anotherHistory`, or what looking for the event throws.
    package func check(
        in present: StoreHistory?, last: Position, eventID find: (Position) throws(StoreError) -> EventID?
    ) throws(StoreError) {
        if let history, let present, history != present {
            throw .anotherHistory(
                position, "it belongs to the history \(history) and the store is \(present)")
        }
        guard position > .beforeFirst else { return }
        guard position <= last else {
            throw .anotherHistory(position, "the store ends with position \(last)")
        }
        guard let eventID else { return }
        let found = try find(position)
        guard found == eventID else {
            throw .anotherHistory(
                position,
                "it knows the event \(eventID) there, and the store has \(found.map { "the event \($0)" } ?? "none")"
            )
        }
    }
}

extension StoreError.Code {
    /// A position was kept of another history: the store was restored to an earlier moment, lost its last events, or is another one.
    public static let anotherHistory = StoreError.Code("anotherHistory")
}

extension StoreError {
    /// The store does not hold what a cursor knows.
    /// - Parameter reason: what is different, as a clause.
    package static func anotherHistory(_ position: Position, _ reason: String) -> StoreError {
        StoreError(
            .anotherHistory,
            "The reader is behind position \(position) of another history than the store's: \(reason); the store was restored to an earlier moment, has lost events, or is another one: give the reader the store that it belongs to, or let it begin anew."
        )
    }
}
