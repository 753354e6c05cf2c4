// Reaching the one child that a property holds, or none. Unlike a list, a property has no place of its own for what its child stages; that
// stays with the child until the parent draws it up, which it does before each event that may drop the child.

/// Reaches the child in an optional property.
struct EntityAccess<Parent: Entity, Child: Entity>: EntityChildAccess {
    let keyPath: any WritableKeyPath<Parent, Child?> & Sendable

    func mark(in parent: inout Parent) { parent[keyPath: keyPath] = Child(id: .zero) }

    func adopt(_ clock: StagingClock, in parent: inout Parent) {
        // Below the child there may be one that came since, so it is gone through in any case.
        parent[keyPath: keyPath]?.adopt(clock)
    }

    func takeStaged(from parent: inout Parent) -> [StagedEvent] {
        guard let child = parent[keyPath: keyPath], child.hasStagedEvents else { return [] }
        return parent[keyPath: keyPath]?.takeStaged() ?? []
    }

    func staged(in parent: Parent) -> [StagedEvent] { parent[keyPath: keyPath]?.unsortedStaged ?? [] }

    func hasStaged(in parent: Parent) -> Bool { parent[keyPath: keyPath]?.hasStagedEvents ?? false }

    /// Nobody notes when a child comes to a property, so each one may have.
    func isRestructured(in parent: Parent) -> Bool { parent[keyPath: keyPath] != nil }

    func contains(_ id: AggregateID, in parent: Parent) -> Bool { parent[keyPath: keyPath]?.id == id }

    func noteNewcomers(of parent: inout Parent, listIndex: Int, in links: inout ChildLinks) {
        guard let id = parent[keyPath: keyPath]?.id else { return }
        links.note(id, childOf: parent.id, listIndex: listIndex)
        if Child.children.isEmpty { return }
        parent[keyPath: keyPath]?.noteNewcomers(in: &links)
    }

    func noteAll(of parent: Parent, listIndex: Int, in links: inout ChildLinks) {
        guard let child = parent[keyPath: keyPath] else { return }
        links.note(child.id, childOf: parent.id, listIndex: listIndex)
        links.noteAll(of: child)
    }

    func replay(
        _ event: RecordedEvent, along path: ArraySlice<ChildLinks.Step>, in parent: inout Parent,
        links: inout ChildLinks, coder: EventCoder
    ) throws(RepositoryError) -> Bool {
        guard let step = path.first, contains(step.id, in: parent) else { return false }
        return try parent[keyPath: keyPath]?.replay(
            event, along: path.dropFirst(), links: &links, coder: coder) ?? false
    }

    func describe(in model: inout EntityModel) { model.describe(Child.self) }
}

extension Entity {
    fileprivate mutating func noteNewcomers(in links: inout ChildLinks) { links.noteNewcomers(of: &self) }

    /// Applies a stored event to the entity, or to the child below it that `path` leads to.
    /// - Returns: whether the child is there.
    mutating func replay(
        _ event: RecordedEvent, along path: ArraySlice<ChildLinks.Step>, links: inout ChildLinks,
        coder: EventCoder
    ) throws(RepositoryError) -> Bool {
        guard let below = path.first else {
            try replay(event, coder: coder)
            links.noteNewcomers(of: &self)
            return true
        }
        guard Self.children.indices.contains(below.listIndex) else { return false }
        return try Self.children[below.listIndex].access.replay(
            event, along: path, in: &self, links: &links, coder: coder)
    }
}
