// Why a repository could not load or save: a code to act on, a sentence for a person, and the cause.
// A domain's own refusals are never wrapped in it; they reach the caller as they were thrown.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why an aggregate could not be loaded or saved.
public struct RepositoryError: LocalizedError, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// What kind of failure it is: stable, to be compared in code.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        /// A code that is not among those below. Two codes are the same when their texts are.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The aggregate was never saved, or not yet at the moment that was asked for.
        public static let notFound = Code("notFound")
        /// The version that was asked for has not been reached.
        public static let versionNotReached = Code("versionNotReached")
        /// Somebody else changed the graph since it was loaded; nothing was written.
        public static let conflict = Code("conflict")
        /// An aggregate was to be created under an id that another one has; nothing was written.
        public static let alreadyExists = Code("alreadyExists")
        /// The aggregate has ended with a final event (`Event.isFinal`); nothing was written. Its states until then and at its end are
        /// loaded with `load(_:asOf:)`.
        public static let closed = Code("closed")
        /// The id belongs to an aggregate or entity of another type.
        public static let wrongAggregateType = Code("wrongAggregateType")
        /// A new child has the id of an entity under another root; nothing was written.
        public static let entityOfAnotherRoot = Code("entityOfAnotherRoot")
        /// An event cannot be encoded or decoded; see `EventCodingError` in `cause`.
        public static let coding = Code("coding")
        /// The declarations of the aggregate contradict each other.
        public static let invalidModel = Code("invalidModel")
        /// The versions of a stored stream have a gap.
        public static let brokenStream = Code("brokenStream")
        /// An event was staged by `apply`; nothing was written.
        public static let stagedInApply = Code("stagedInApply")
        /// The state is not what the events give, so that it would be another after a load; nothing was written. Found where
        /// `RepositoryConfiguration.checks` says so.
        public static let stateWithoutEvent = Code("stateWithoutEvent")
        /// An update was called from inside the change of another update of the same aggregate, or anything that stores from inside a unit of
        /// work; nothing was written.
        public static let reentrant = Code("reentrant")
        /// A unit of work was given an aggregate that it cannot have: of another store than the others, or when it was over; nothing was
        /// written.
        public static let invalidUnit = Code("invalidUnit")
        /// As many updates of the aggregate wait as may; nothing was written.
        public static let busy = Code("busy")
        /// The caller's task was cancelled; nothing was written.
        public static let cancelled = Code("cancelled")
        /// The event store failed; see `StoreError` in `cause`.
        public static let store = Code("store")
    }

    /// What kind of failure it is.
    public var code: Code
    /// One sentence: what is wrong, where, and what to do next.
    public var message: String
    /// The root that was to be loaded or saved, or the entity that the error is about.
    public var aggregateID: AggregateID
    /// What the store or the codec threw.
    public var cause: (any Error)?

    /// An error with what is known about it.
    public init(_ code: Code, _ message: String, aggregateID: AggregateID, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.aggregateID = aggregateID
        self.cause = cause
    }

    /// The event store's error, where that is the cause.
    public var storeError: StoreError? { cause as? StoreError }

    /// The error of encoding or decoding, where that is the cause.
    public var codingError: EventCodingError? { cause as? EventCodingError }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }

    /// The message with its code and its cause, for a developer.
    public var debugDescription: String {
        ErrorText.debugging(message, code: code.description, causes: cause.map { [$0] } ?? [])
    }
}

extension RepositoryError {
    static func store(_ error: StoreError, aggregateID: AggregateID) -> RepositoryError {
        let code: Code =
            switch error.code {
            case .conflict: .conflict
            case .cancelled: .cancelled
            default: .store
            }
        return RepositoryError(code, error.message, aggregateID: aggregateID, cause: error)
    }

    static func stagedInApply(_ misuse: String, aggregateID: AggregateID) -> RepositoryError {
        RepositoryError(.stagedInApply, misuse, aggregateID: aggregateID)
    }

    static func coding(_ error: EventCodingError, aggregateID: AggregateID) -> RepositoryError {
        RepositoryError(.coding, error.message, aggregateID: aggregateID, cause: error)
    }

    static func insideUnit(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .reentrant,
            "\(type) \(id) was to be stored by a call of its own from inside a unit of work, which would not be part of it and may be repeated; nothing was written by the call: say `in: unit` at it, or call it when the unit is committed.",
            aggregateID: id)
    }

    static func closed(_ id: AggregateID, type: AggregateType, version: Version) -> RepositoryError {
        RepositoryError(
            .closed,
            "\(type) \(id) has ended with its version \(version), and nothing can happen to it any more: load it as of that version to look at it.",
            aggregateID: id)
    }

    static func happensAfterTheEnd(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .closed,
            "Events of \(type) \(id) are staged after the final one, for it or its children; nothing was written: look at isClosed before anything is decided, and stage the final event last.",
            aggregateID: id)
    }

    static func alreadyExists(
        _ id: AggregateID, type: AggregateType, conflict: RepositoryError
    ) -> RepositoryError {
        RepositoryError(
            .alreadyExists,
            "A new \(type) was to have the id \(id), which has events already; nothing was written: update the one that is there, or create one under another id.",
            aggregateID: id, cause: conflict.cause)
    }

    static func notFound(_ id: AggregateID, type: AggregateType) -> RepositoryError {
        RepositoryError(
            .notFound,
            "There is no \(type) with the id \(id): it was never saved; create it first or correct the id.",
            aggregateID: id)
    }
}
