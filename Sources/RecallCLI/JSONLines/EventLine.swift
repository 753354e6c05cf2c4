// An event as a line of input states it, with what the line expects of the store.

import Recall

/// A line of input.
struct EventLine: Hashable {
    var event: NewEvent
    /// What must be true of the event's stream before it; nil where the line does not say.
    var expectedVersion: ExpectedVersion?
}

/// What is wrong with a line of input.
struct EventLineFailure: Error, Hashable {
    /// What was found and what was expected, without a full stop.
    var problem: String
}
