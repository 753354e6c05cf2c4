// The one error of every store: a code to act on, a sentence for a person, and the cause.
// Codes are extensible, so that an adapter adds its own without breaking anybody's switch.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a store could not do what it was asked.
public struct StoreError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// What kind of failure it is: stable, to be compared in code.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        /// A code that is not among those below, such as an adapter's own.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// A stream or a graph was not as the caller expected; nothing was written.
        public static let conflict = Code("conflict")
        /// An event id is already stored with another body; nothing was written.
        public static let eventIDReused = Code("eventIDReused")
        /// A commit names an event id twice, or mixes stored ids with new ones; nothing was written.
        public static let duplicateEventID = Code("duplicateEventID")
        /// A value is outside the documented limits; nothing was written.
        public static let limitExceeded = Code("limitExceeded")
        /// The request makes no sense, such as a commit without events.
        public static let invalidArgument = Code("invalidArgument")
        /// Stored bytes are not what was written.
        public static let damaged = Code("damaged")
        /// Another process, or another part of this one, holds the store.
        public static let locked = Code("locked")
        /// There is no store at that place.
        public static let notFound = Code("notFound")
        /// The store was opened for reading only.
        public static let readOnly = Code("readOnly")
        /// The store has been closed.
        public static let closed = Code("closed")
        /// An earlier write or sync failed; the store takes no more appends until it is opened again.
        public static let latched = Code("latched")
        /// The operating system, or the server, refused or failed.
        public static let unavailable = Code("unavailable")
        /// The store was written by a newer version, or lacks what the request needs.
        public static let unsupported = Code("unsupported")
        /// The caller's task was cancelled while it waited.
        public static let cancelled = Code("cancelled")
    }

    /// The versions that met in a conflict over a stream.
    public struct VersionConflict: Hashable, Sendable {
        /// The stream that was not as expected: of several, the one of the smallest id.
        public var aggregateID: AggregateID
        /// What the commit said of it.
        public var expected: ExpectedVersion
        /// The version of its last event when the commit was judged; 0 where it has none.
        public var actual: Version

        /// The versions that met, as a store saw them; `actual` is 0 for a stream without events.
        public init(aggregateID: AggregateID, expected: ExpectedVersion, actual: Version) {
            self.aggregateID = aggregateID
            self.expected = expected
            self.actual = actual
        }
    }

    /// What kind of failure it is, to be compared in code.
    public var code: Code
    /// One sentence: what is wrong, where, and what to do next.
    public var message: String
    /// What led to it, such as the system's error; nil where the store itself refused.
    public var cause: (any Error)?
    /// Set where `code` is `conflict` and a version was the reason.
    public var versionConflict: VersionConflict?
    /// For damage: the positions that cannot be read, as far as they are known.
    public var damagedPositions: ClosedRange<Position>?
    /// For `eventIDReused` and `duplicateEventID`: where the event is that is stored under the id; nil where there is none or the store does not
    /// say. A unit of work with an idempotency key finds by it what an earlier call has stored.
    public var storedPosition: Position?

    /// An error with what is known about it.
    /// - Parameters:
    ///   - code: what kind of failure it is.
    ///   - message: one sentence: what is wrong, where, and what to do next.
    ///   - cause: what led to it.
    ///   - versionConflict: for a conflict over a stream, the versions that met.
    ///   - damagedPositions: for damage, the positions that cannot be read, as far as they are known.
    public init(
        _ code: Code, _ message: String, cause: (any Error)? = nil,
        versionConflict: VersionConflict? = nil, damagedPositions: ClosedRange<Position>? = nil
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.versionConflict = versionConflict
        self.damagedPositions = damagedPositions
    }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }

    /// The message with its code and its cause, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(message, code: code.description, causes: cause.map { [$0] } ?? [])
    }
}

extension StoreError {
    package static func versionConflict(
        _ aggregateID: AggregateID, expected: ExpectedVersion, actual: Version
    ) -> StoreError {
        let found = actual == .beforeFirst ? "does not exist" : "is at version \(actual)"
        return StoreError(
            .conflict,
            "Expected \(expected) of aggregate \(aggregateID), but it \(found); nothing was written: load it again and decide anew.",
            versionConflict: VersionConflict(
                aggregateID: aggregateID, expected: expected, actual: actual))
    }

    package static func graphConflict(
        _ rootID: AggregateID, expected: Position, actual: Position
    ) -> StoreError {
        StoreError(
            .conflict,
            "Expected aggregate \(rootID) to be unchanged since position \(expected), but it or one of its children changed at position \(actual); nothing was written: load it again and decide anew."
        )
    }

    package static func eventIDReused(_ id: EventID, position: Position) -> StoreError {
        var error = StoreError(
            .eventIDReused,
            "Event id \(id) is already stored at position \(position) with another body; nothing was written: give the new event an id of its own."
        )
        error.storedPosition = position
        return error
    }

    package static func duplicateInCommit(_ id: EventID) -> StoreError {
        StoreError(
            .duplicateEventID,
            "Event id \(id) stands twice in one commit; nothing was written: give each event an id of its own."
        )
    }

    package static func partlyStored(_ id: EventID, position: Position) -> StoreError {
        var error = StoreError(
            .duplicateEventID,
            "Event id \(id) is already stored at position \(position), but the commit is not a repetition of what was stored there; nothing was written: leave out what is stored, or use new ids."
        )
        error.storedPosition = position
        return error
    }

    package static let emptyCommit = StoreError(
        .invalidArgument, "The commit holds no event; nothing was written: append at least one.")
}
