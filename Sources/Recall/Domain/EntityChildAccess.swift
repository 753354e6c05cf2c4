// What the walk over a graph needs from one list or property of one parent, with the child's type put away.
// The walk is generic at each level, so nothing is ever cast.

/// Reaches the children in one list or property of a parent.
protocol EntityChildAccess<Parent>: Sendable {
    associatedtype Parent: Entity

    /// Puts a child into what can hold one, so that it can be told from what is not named. Lists are marked by their clock.
    func mark(in parent: inout Parent)
    func adopt(_ clock: StagingClock, in parent: inout Parent)
    func takeStaged(from parent: inout Parent) -> [StagedEvent]
    func staged(in parent: Parent) -> [StagedEvent]
    func hasStaged(in parent: Parent) -> Bool

    /// Whether a child came, here or below, since this was last noted.
    func isRestructured(in parent: Parent) -> Bool
    func contains(_ id: AggregateID, in parent: Parent) -> Bool

    /// Notes who is whose child, for those that came since this was last done.
    func noteNewcomers(of parent: inout Parent, listIndex: Int, in links: inout ChildLinks)
    /// Notes who is whose child, for all.
    func noteAll(of parent: Parent, listIndex: Int, in links: inout ChildLinks)

    /// Applies a stored event to the child that `path` leads to.
    /// - Returns: whether the child is there.
    func replay(
        _ event: RecordedEvent, along path: ArraySlice<ChildLinks.Step>, in parent: inout Parent,
        links: inout ChildLinks, coder: EventCoder
    ) throws(RepositoryError) -> Bool

    func describe(in model: inout EntityModel)
}
