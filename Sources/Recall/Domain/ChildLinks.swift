// Who is whose child, while stored events are applied to a graph: each event finds its entity at any
// depth without a search. Links are kept upwards, so that an entity that moves takes its children along.
//
// A link may be stale, because removals are not noted. That is found on the way down, where the list no
// longer holds the child: its later events are skipped, as those of any child that is gone.

/// For each child in a graph, its parent and the list that holds it.
struct ChildLinks: Sendable {
    /// One level of the way from the root to a child.
    struct Step: Hashable, Sendable {
        /// The list's place in the parent's `children`.
        var listIndex: Int
        var id: AggregateID
    }

    private struct Link: Sendable {
        var parentID: AggregateID
        var listIndex: Int
    }

    private var links: [AggregateID: Link] = [:]

    mutating func note(_ id: AggregateID, childOf parentID: AggregateID, listIndex: Int) {
        links[id] = Link(parentID: parentID, listIndex: listIndex)
    }

    /// Notes the children that came below `entity` since this was last done.
    mutating func noteNewcomers<Node: Entity>(of entity: inout Node) {
        let children = Node.children
        for index in 0 ..< children.count {
            children[index].access.noteNewcomers(of: &entity, listIndex: index, in: &self)
        }
    }

    /// Notes all children below `entity`.
    mutating func noteAll<Node: Entity>(of entity: Node) {
        for (index, child) in Node.children.enumerated() {
            child.access.noteAll(of: entity, listIndex: index, in: &self)
        }
    }

    /// The way from a root to a child; nil where none is known.
    func path(to id: AggregateID, from rootID: AggregateID) -> [Step]? {
        var steps: [Step] = []
        var current = id
        while current != rootID {
            // A way longer than there are links would be a circle of entities with each other's ids.
            guard let link = links[current], steps.count < links.count else { return nil }
            steps.append(Step(listIndex: link.listIndex, id: current))
            current = link.parentID
        }
        return steps.reversed()
    }
}
