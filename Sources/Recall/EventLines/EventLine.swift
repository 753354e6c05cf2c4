// An event as a line of input states it, with what the line expects of the store.

/// A line of input.
package struct EventLine: Hashable {
    package var event: NewEvent
    /// What must be true of the event's stream before it; nil where the line does not say.
    package var expectedVersion: ExpectedVersion?

    package init(event: NewEvent, expectedVersion: ExpectedVersion?) {
        self.event = event
        self.expectedVersion = expectedVersion
    }
}

/// What is wrong with a line of input.
package struct EventLineFailure: Error, Hashable {
    /// What was found and what was expected, without a full stop.
    package var problem: String

    package init(problem: String) { self.problem = problem }
}
