// The properties of an entity that hold children, found by reflection once for each type: what `children` does not name would lose
// its events, and the compiler cannot see that.
//
// The named ones are marked in a new entity, through their key paths: lists get the graph's clock, and what holds one child or none gets
// a child. What is found without the mark is not named.

/// A type of property that holds entities.
protocol ChildProperty {
    /// What to do with one that is not named; nil for a value that is.
    static func advice(for value: Any, named name: String) -> String?
}

extension EntityList: ChildProperty {
    static func advice(for value: Any, named name: String) -> String? {
        (value as? Self)?.clock == nil ? "name it there: .list(\\.\(name))" : nil
    }
}

extension Optional: ChildProperty where Wrapped: Entity {
    static func advice(for value: Any, named name: String) -> String? {
        (value as? Wrapped)?.lifecycle.clock == nil ? "name it there: .child(\\.\(name))" : nil
    }
}

extension Array: ChildProperty where Element: Entity {
    static func advice(for value: Any, named name: String) -> String? { "keep its entities in an EntityList" }
}

extension Dictionary: ChildProperty where Value: Entity {
    static func advice(for value: Any, named name: String) -> String? { "keep its entities in an EntityList" }
}

/// The search for properties that hold children and are not named.
enum ChildProperties {
    /// Deeper structures are passed over: a property so far down is no child of the entity's own.
    private static let depthMax = 8

    /// What is wrong with the children that an entity names, and what to do; nil where nothing is.
    static func problem<Node: Entity>(of type: Node.Type) -> String? {
        var node = Node(id: .zero)
        for child in Node.children { child.access.mark(in: &node) }
        node.adopt(StagingClock())
        return problem(in: node, path: "", of: type, depth: 0)
    }

    private static func problem<Node: Entity>(
        in value: Any, path: String, of type: Node.Type, depth: Int
    ) -> String? {
        guard depth < depthMax else { return nil }
        for property in Mirror(reflecting: value).children {
            let label = property.label ?? "_"
            let name = path.isEmpty ? label : "\(path).\(label)"
            // By the static type, since nothing can be seen in what is nil.
            let kind = Swift.type(of: property.value)
            if let kind = kind as? any ChildProperty.Type {
                guard let advice = kind.advice(for: property.value, named: name) else { continue }
                return
                    "The property \(name) of \(type) holds children that its `children` does not name, so that their events would be lost: \(advice)."
            }
            if kind is any Entity.Type {
                return
                    "The property \(name) of \(type) is an entity and no child, so that its events would be lost: make it optional and name it in `children`: .child(\\.\(name))."
            }
            if let problem = problem(in: property.value, path: name, of: type, depth: depth + 1) {
                return problem
            }
        }
        return nil
    }
}
