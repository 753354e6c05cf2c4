// Reaching the children of an `EntityList`, which is where the child's type is known.

/// Reaches the children in the list at a key path.
struct EntityListAccess<Parent: Entity, Child: Entity>: EntityChildAccess {
    let keyPath: any WritableKeyPath<Parent, EntityList<Child>> & Sendable

    func mark(in parent: inout Parent) {}

    func adopt(_ clock: StagingClock, in parent: inout Parent) {
        if parent[keyPath: keyPath].clock !== clock { parent[keyPath: keyPath].clock = clock }
    }

    func takeStaged(from parent: inout Parent) -> [StagedEvent] {
        if parent[keyPath: keyPath].pending.isEmpty { return [] }
        defer { parent[keyPath: keyPath].pending = [] }
        return parent[keyPath: keyPath].pending
    }

    func staged(in parent: Parent) -> [StagedEvent] { parent[keyPath: keyPath].pending }

    func hasStaged(in parent: Parent) -> Bool { !parent[keyPath: keyPath].pending.isEmpty }

    func isRestructured(in parent: Parent) -> Bool { !parent[keyPath: keyPath].restructured.isEmpty }

    func contains(_ id: AggregateID, in parent: Parent) -> Bool { parent[keyPath: keyPath].contains(id) }

    func noteNewcomers(of parent: inout Parent, listIndex: Int, in links: inout ChildLinks) {
        let newcomers = parent[keyPath: keyPath].restructured
        if newcomers.isEmpty { return }
        parent[keyPath: keyPath].restructured = []
        let parentID = parent.id
        for id in newcomers {
            links.note(id, childOf: parentID, listIndex: listIndex)
            if Child.children.isEmpty { continue }
            _ = parent[keyPath: keyPath].modifyInReplay(id) { child in
                links.noteNewcomers(of: &child)
            }
        }
    }

    func noteAll(of parent: Parent, listIndex: Int, in links: inout ChildLinks) {
        for child in parent[keyPath: keyPath] {
            links.note(child.id, childOf: parent.id, listIndex: listIndex)
            links.noteAll(of: child)
        }
    }

    func replay(
        _ event: RecordedEvent, along path: ArraySlice<ChildLinks.Step>, in parent: inout Parent,
        links: inout ChildLinks, coder: EventCoder
    ) throws(RepositoryError) -> Bool {
        guard let step = path.first else { return false }
        let result = try parent[keyPath: keyPath].modifyInReplay(step.id) {
            child throws(RepositoryError) in
            try child.replay(event, along: path.dropFirst(), links: &links, coder: coder)
        }
        return result ?? false
    }

    func describe(in model: inout EntityModel) { model.describe(Child.self) }
}
