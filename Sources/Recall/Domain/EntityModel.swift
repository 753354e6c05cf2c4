// What a graph is made of, walked once for each repository: it gives the fingerprint that tells whether
// a snapshot still fits, and finds declarations that contradict each other.
//
// The fingerprint covers, for the root's type and every type of child: the aggregate type, the declared
// snapshot schema version, the keys and kinds of values that a new entity encodes (those that are nil
// too) and the values themselves, the names and schema versions of its events, and the upcasters that
// lead to them. What a new entity does not show, such as the type of the elements of a collection that
// is empty, is covered by the name of that type alone; what `apply` and an upcaster do, by nothing.

/// A description of an entity type and of the types of all its children.
struct EntityModel: Sendable {
    private var text = ""
    /// What the events of the root and its children are stored as.
    private(set) var schemas: Set<EventSchema> = []
    private var described: Set<ObjectIdentifier> = []
    private let ignored: Set<EventType>
    /// What is wrong with the declarations, and what to do; nil where nothing is.
    private(set) var problem: String?

    init(
        of root: (some AggregateRoot).Type, upcasters: Upcasters = [], ignoring ignored: Set<EventType> = []
    ) {
        self.ignored = ignored
        describe(root)
        for line in upcasters.descriptions(leadingTo: schemas, ignoring: ignored).sorted() {
            text += "upcaster \(line)\n"
        }
    }

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
        // Left out where each new entity has others, as with the time: no snapshot would ever fit.
        if let values = try? StateTree(of: Node(id: .zero)), values == (try? StateTree(of: Node(id: .zero))) {
            text += "values \(values)\n"
        }
        let cases = Node.Fact.cases
        let schemas = cases.map { EventSchema($0.type, version: $0.schemaVersion) }
        self.schemas.formUnion(schemas)
        for schema in schemas.map(\.description).sorted() { text += "event \(schema)\n" }
        if let twice = firstRepeated(in: schemas) {
            problem =
                "Two cases of \(Node.Fact.self) are stored as \(twice): give one of their payloads another eventType."
        }
        if Node.Fact.isNamedByKeys, cases.contains(where: { $0.payloadType != nil }) {
            problem =
                "\(Node.Fact.self) has both CodingKeys and cases, which name its events twice: remove the CodingKeys, or `cases` and `payload`."
        }
        if let known = schemas.first(where: { ignored.contains($0.type) }) {
            problem =
                "\(known) is both a case of \(Node.Fact.self) and ignored, so that it would be lost: remove the case, or ignore another type."
        }
        if let unnamed = ChildProperties.problem(of: type) { problem = unnamed }
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
