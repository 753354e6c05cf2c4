// Staging: an event happens in memory, now, and is stored when the root is saved. What is staged
// anywhere in a graph ends up with the root in the order in which it happened, whichever entities,
// lists and levels it came from, and whether or not they still exist by then.
//
// Lists are gone through by index: the type of an iterator over `children` would be looked up at run time in
// each call, because it depends on the entity's, and that takes longer than most lists of children do.

extension Entity {
    /// Lets an event happen: it is applied to the entity now, and stored when its root is saved.
    ///
    /// Not for `apply`, which would do it again at each replay: an event that is staged there, in whichever entity, does
    /// not happen, and saving or loading the root throws `stagedInApply`.
    public mutating func stage(_ event: Fact) {
        if let scope = ApplyScope.current {
            return scope.note(Self.storedName(of: event), of: Self.aggregateType, id)
        }
        let clock = lifecycle.clock ?? StagingClock()
        // Drawn up before the change, because `apply` may drop a child or replace a whole list.
        gatherStaged()
        adopt(clock)
        lifecycle.version = lifecycle.version.next
        lifecycle.staged.append(
            StagedEvent(
                order: clock.tick(), aggregateID: id, aggregateType: Self.aggregateType,
                version: lifecycle.version, fact: event))
        let misuse = ApplyScope.run { apply(event) }
        adopt(clock)
        if event.isFinal { lifecycle.isClosed = true }
        if let misuse { note(misuse) }
    }

    /// Remembers what `apply` did wrong, with the event that it did it for, so that it reaches the root with that.
    private mutating func note(_ misuse: String) {
        if lifecycle.staged.isEmpty {
            lifecycle.misuse = misuse
        } else {
            lifecycle.staged[lifecycle.staged.count - 1].misuse = misuse
        }
    }

    /// The name that an event would be stored under, for an error.
    private static func storedName(of event: Fact) -> EventType {
        if !Fact.isNamedByKeys { return type(of: event.payload).eventType }
        do throws(EventCodingError) {
            return try EventCoder().encoded(event, of: "\(Self.aggregateType)").schema.type
        } catch {
            return error.schema.type
        }
    }

    /// The payloads of all events that are staged here and in the children, in the order in which
    /// they happened. Saving the root empties it. That of an event whose enum has `CodingKeys` is a `CasePayload`.
    public var stagedEvents: [any EventPayload] { allStaged.map(\.fact.payload) }

    /// The events of one enum that are staged here and in the children, in the order in which they happened:
    /// `company.staged(EmployeeEvent.self)`.
    public func staged<Event: Recall.Event>(_ type: Event.Type) -> [Event] {
        allStaged.compactMap { $0.fact as? Event }
    }

    private var allStaged: [StagedEvent] {
        let staged = unsortedStaged
        return staged.sorted { $0.order < $1.order }
    }

    /// All that is staged here and below, in no order.
    var unsortedStaged: [StagedEvent] {
        var staged = lifecycle.staged
        for child in Self.children { staged += child.access.staged(in: self) }
        return staged
    }

    /// Whether anything is staged here or in a child.
    public var hasStagedEvents: Bool {
        !lifecycle.staged.isEmpty || Self.children.contains { $0.access.hasStaged(in: self) }
    }

    /// The entity as events made it that have happened already: for tests and for reading elsewhere.
    /// The events count as stored, and nothing is staged.
    public init(id: AggregateID, replaying events: some Sequence<Fact>) {
        self.init(id: id)
        lifecycle.misuse = ApplyScope.run {
            for event in events {
                apply(event)
                lifecycle.version = lifecycle.version.next
                if event.isFinal { lifecycle.isClosed = true }
            }
        }
        adopt(StagingClock())
    }

    /// Uses a clock, here and in the lists, so that all of the graph counts together. Children take it
    /// when they are next reached through their list.
    mutating func adopt(_ clock: StagingClock) {
        if lifecycle.clock !== clock { lifecycle.clock = clock }
        let children = Self.children
        for index in 0 ..< children.count { children[index].access.adopt(clock, in: &self) }
    }

    /// Draws what is staged in the lists up to the entity itself.
    mutating func gatherStaged() {
        let children = Self.children
        for index in 0 ..< children.count {
            let staged = children[index].access.takeStaged(from: &self)
            if !staged.isEmpty { lifecycle.staged += staged }
        }
    }

    /// Removes and returns all that is staged here and below.
    mutating func takeStaged() -> [StagedEvent] {
        gatherStaged()
        if lifecycle.staged.isEmpty { return [] }
        defer { lifecycle.staged = [] }
        return lifecycle.staged
    }

    /// Whether a child came to one of the lists, or below, since this was last noted.
    var isRestructured: Bool {
        let children = Self.children
        for index in 0 ..< children.count {
            if children[index].access.isRestructured(in: self) { return true }
        }
        return false
    }
}
