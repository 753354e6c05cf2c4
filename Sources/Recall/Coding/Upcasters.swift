// The registered steps between schemas, which form chains. Following one always ends: a chain that comes
// back to where it was is reported instead.

/// Steps from older schemas to newer ones, by where they begin.
public struct Upcasters: Sendable, ExpressibleByArrayLiteral {
    private var steps: [EventSchema: Upcaster] = [:]
    /// Whether a step may lead to several schemas or to none, so that only running it tells.
    private(set) var hasChoices = false

    /// - Parameter upcasters: at most one for each source; a second one is a programmer's mistake and
    ///   stops the program.
    public init(_ upcasters: [Upcaster] = []) {
        for upcaster in upcasters {
            let known = steps.updateValue(upcaster, forKey: upcaster.source)
            precondition(known == nil, "Two upcasters begin at \(upcaster.source); keep one of them.")
            if case .choice = upcaster.step { hasChoices = true }
        }
    }

    public init(arrayLiteral elements: Upcaster...) { self.init(elements) }

    /// The step that begins at a schema, or nil.
    public subscript(source: EventSchema) -> Upcaster? { steps[source] }

    /// Whether a stored schema is a wanted one, or a chain may lead there. True also for a chain that ends
    /// at another version of a wanted event type: a gap is to be reported and not to be passed over.
    /// - Parameters:
    ///   - types: those of `wanted`.
    ///   - ignored: the types whose events are passed over, at which chains end.
    func leads(
        from source: EventSchema, toAny wanted: Set<EventSchema>, of types: Set<EventType>,
        ignoring ignored: Set<EventType> = []
    ) -> Bool {
        if ignored.contains(source.type) { return false }
        if wanted.contains(source) { return true }
        // Most events have no step, and need no set.
        guard steps[source] != nil else { return types.contains(source.type) }
        var seen: Set<EventSchema> = []
        var waiting = [source]
        while let schema = waiting.popLast() {
            guard seen.insert(schema).inserted, !ignored.contains(schema.type) else { continue }
            if wanted.contains(schema) { return true }
            if let step = steps[schema] {
                waiting += step.destinations
            } else if types.contains(schema.type) {
                return true
            }
        }
        return false
    }

    /// The steps that begin a chain to one of some schemas, or belong to it, each as a text of its own.
    /// - Parameter ignored: the types whose events are passed over; a step from one of them says so.
    func descriptions(
        leadingTo wanted: Set<EventSchema>, ignoring ignored: Set<EventType> = []
    ) -> [String] {
        let types = Set(wanted.map(\.type))
        return steps.values.filter { leads(from: $0.source, toAny: wanted, of: types) }.map { step in
            let destinations = step.destinations.map(\.description).joined(separator: " or ")
            let ending = ignored.contains(step.source.type) ? ", ignored" : ""
            return "\(step.source) to \(destinations.isEmpty ? "nothing" : destinations)\(ending)"
        }
    }

    var count: Int { steps.count }

    /// Where steps begin.
    var sources: [EventSchema] { Array(steps.keys) }
}
