// Stored events applied to a root and its children, in order of position. This is the same `apply` that
// ran when the events happened, so a loaded graph is what it was when it was saved.

/// A root in the making, and how far its history has been applied.
struct GraphReplay<Root: AggregateRoot> {
    private(set) var root: Root
    private var links = ChildLinks()
    /// Whether `links` knows every child that there is.
    private var isLinked: Bool
    private let coder: EventCoder

    /// A root before its first event.
    init(id: AggregateID, coder: EventCoder) {
        root = Root(id: id)
        isLinked = true
        self.coder = coder
    }

    /// A root that holds the events up to its stamp.
    init(_ root: Root, coder: EventCoder) {
        self.root = root
        isLinked = Root.children.isEmpty
        self.coder = coder
    }

    /// Applies the next events of the graph, in which nothing may be staged.
    mutating func apply(_ events: some Sequence<RecordedEvent>) throws(RepositoryError) {
        var failure: RepositoryError?
        // One scope for all: a replay stages nothing anywhere.
        let misuse = ApplyScope.run {
            do throws(RepositoryError) {
                for event in events { try apply(event) }
            } catch {
                failure = error
            }
        }
        if let misuse { throw .stagedInApply(misuse, aggregateID: root.id) }
        if let failure { throw failure }
    }

    /// Applies the next event of the graph. One of a child that is gone changes nothing.
    private mutating func apply(_ event: RecordedEvent) throws(RepositoryError) {
        if event.aggregateID == root.id {
            if event.version != root.version.next {
                throw RepositoryError(
                    .brokenStream,
                    "\(Root.aggregateType) \(root.id) is at version \(root.version), and its next stored event, at position \(event.position), has version \(event.version): verify the store.",
                    aggregateID: root.id)
            }
            try root.replay(event, coder: coder)
            links.noteNewcomers(of: &root)
        } else {
            try applyToChild(event)
        }
        let count = root.lifecycle.stamp?.unsnapshottedEventCount ?? 0
        root.lifecycle.stamp = GraphStamp(
            position: event.position, eventID: event.id, unsnapshottedEventCount: count + 1)
    }

    private mutating func applyToChild(_ event: RecordedEvent) throws(RepositoryError) {
        if let path = links.path(to: event.aggregateID, from: root.id) {
            if try replay(event, along: path) { return }
        }
        if isLinked { return }
        // Most often the entity is a child of the root itself, which needs no search.
        for (index, child) in Root.children.enumerated()
        where child.access.contains(event.aggregateID, in: root) {
            links.note(event.aggregateID, childOf: root.id, listIndex: index)
            _ = try replay(event, along: [ChildLinks.Step(listIndex: index, id: event.aggregateID)])
            return
        }
        links.noteAll(of: root)
        isLinked = true
        if let path = links.path(to: event.aggregateID, from: root.id) {
            _ = try replay(event, along: path)
        }
    }

    private mutating func replay(
        _ event: RecordedEvent, along path: [ChildLinks.Step]
    ) throws(RepositoryError) -> Bool {
        guard let first = path.first, Root.children.indices.contains(first.listIndex) else { return false }
        return try Root.children[first.listIndex].access.replay(
            event, along: path[...], in: &root, links: &links, coder: coder)
    }
}

extension Entity {
    /// Applies an event of the entity's own stream, as it is stored.
    mutating func replay(_ event: RecordedEvent, coder: EventCoder) throws(RepositoryError) {
        // A store may not know the type of what was imported; then the id alone decides.
        if event.aggregateType != Self.aggregateType, event.aggregateType != "" {
            throw RepositoryError(
                .wrongAggregateType,
                "The id \(id) belongs to a \(event.aggregateType) and not to a \(Self.aggregateType), as its event at position \(event.position) says: use the repository of that type.",
                aggregateID: id)
        }
        do throws(EventCodingError) {
            // One that is ignored changes nothing, and counts.
            try coder.decode(event, as: Fact.self) { fact in
                apply(fact)
                if fact.isFinal { lifecycle.isClosed = true }
            }
        } catch {
            throw .coding(error, aggregateID: id)
        }
        lifecycle.version = event.version
        // A child that came to a property counts with the graph; lists give it to theirs when they are reached.
        if let clock = lifecycle.clock { adopt(clock) }
    }
}
