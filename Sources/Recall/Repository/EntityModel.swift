// What a graph is made of, walked once for each repository: it gives the fingerprint that tells whether
// a snapshot still fits, and finds declarations that contradict each other.
//
// The fingerprint covers, for the root's type and every type of child: the aggregate type, the declared
// snapshot schema version, the keys and kinds of values that a new entity encodes (those that are nil
// too), and the names and schema versions of its events. What a new entity does not show, such as the
// type of the elements of a collection that is empty, is covered by the name of that type alone.

/// A description of an entity type and of the types of all its children.
struct EntityModel: Sendable {
    private var text = ""
    private var described: Set<ObjectIdentifier> = []
    /// What is wrong with the declarations, and what to do; nil where nothing is.
    private(set) var problem: String?

    init(of root: (some AggregateRoot).Type) { describe(root) }

    /// Identifies the schema: equal for equal descriptions, in every process.
    var fingerprint: UInt64 {
        var hash = FNV1a()
        hash.add(text)
        return hash.value
    }

    /// Adds an entity type, once.
    mutating func describe<Node: Entity>(_ type: Node.Type) {
        guard described.insert(ObjectIdentifier(type)).inserted else { return }
        text += "entity \(Node.aggregateType) \(Node.snapshotSchemaVersion)\n"
        text += "shape \(ShapeNode.describing(Node(id: .zero)))\n"
        let schemas = Node.Fact.cases.map { EventSchema($0.type, version: $0.schemaVersion) }
        for schema in schemas.map(\.description).sorted() { text += "event \(schema)\n" }
        if let twice = firstRepeated(in: schemas) {
            problem =
                "Two cases of \(Node.Fact.self) are stored as \(twice): give one of their payloads another eventType."
        }
        for child in Node.children {
            text += "children of \(Node.aggregateType)\n"
            child.access.describe(in: &self)
        }
    }

    private func firstRepeated(in schemas: [EventSchema]) -> EventSchema? {
        var seen: Set<EventSchema> = []
        return schemas.first { !seen.insert($0).inserted }
    }
}
