// What led to what: metadata that follows from an event, and metadata that goes along with a task, so that nobody has to pass it at each
// call. What is passed at a call comes before what goes along.

extension EventMetadata {
    /// Metadata for what follows from an event: it is the cause, and its correlation is gone on with, or begins with it.
    ///
    ///     router.on(CompanyEvent.self) { event, recorded in
    ///         try await EventMetadata.$current.withValue(EventMetadata(causedBy: recorded)) {
    ///             try await payroll.update(id) { … }
    ///         }
    ///     }
    public init(causedBy event: RecordedEvent) {
        self.init()
        causationID = "\(event.id)"
        correlationID = event.metadata.correlationID ?? "\(event.id)"
    }

    /// What the repositories' saves in the current task, and in its child tasks, store with each event beside what they are given
    /// themselves, which comes first key by key: `EventMetadata.$current.withValue(["correlationId": requestID]) { … }`.
    @TaskLocal public static var current: EventMetadata = [:]

    /// All of these values, and those of another for the keys that are not among them.
    public func filled(from other: EventMetadata) -> EventMetadata {
        if other.isEmpty { return self }
        if isEmpty { return other }
        return EventMetadata(values.merging(other.values) { own, _ in own })
    }
}
