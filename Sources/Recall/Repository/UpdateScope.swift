// Which updates' closures are running above the code that asks. An update that waited for one of them would wait for ever.

/// A closure of an update that runs, and whose aggregate nobody else may change meanwhile.
struct UpdateScope: Sendable, Hashable {
    let repository: ObjectIdentifier
    let aggregateID: AggregateID

    @TaskLocal static var running: [UpdateScope] = []
    /// Whether the closure of a unit of work runs, in which nothing is stored but by the unit.
    @TaskLocal static var isInUnit = false
}
