// The registered steps between schemas, which form chains. Following one always ends: a chain that comes
// back to where it was is reported instead.

/// Steps from older schemas to newer ones, by where they begin.
public struct Upcasters: Sendable, ExpressibleByArrayLiteral {
    private var steps: [EventSchema: Upcaster] = [:]

    /// - Parameter upcasters: at most one for each source; a second one is a programmer's mistake and
    ///   stops the program.
    public init(_ upcasters: [Upcaster] = []) {
        for upcaster in upcasters {
            let known = steps.updateValue(upcaster, forKey: upcaster.source)
            precondition(known == nil, "Two upcasters begin at \(upcaster.source); keep one of them.")
        }
    }

    public init(arrayLiteral elements: Upcaster...) { self.init(elements) }

    /// The step that begins at a schema, or nil.
    public subscript(source: EventSchema) -> Upcaster? { steps[source] }

    /// Whether a stored schema is a wanted one, or a chain leads there. True also for a chain that ends
    /// at another version of the wanted event type: a gap is to be reported and not to be passed over.
    func leads(from source: EventSchema, to wanted: EventSchema) -> Bool {
        var schema = source
        var stepCount = 0
        while schema != wanted, stepCount < steps.count, let step = steps[schema] {
            schema = step.destination
            stepCount += 1
        }
        return schema == wanted || (schema.type == wanted.type && steps[schema] == nil)
    }

    /// Whether a stored schema is one of those wanted, or a chain leads to one; true also for a gap.
    /// - Parameter types: those of `wanted`.
    func leads(from source: EventSchema, toAny wanted: Set<EventSchema>, of types: Set<EventType>) -> Bool {
        var schema = source
        var stepCount = 0
        while !wanted.contains(schema), stepCount < steps.count, let step = steps[schema] {
            schema = step.destination
            stepCount += 1
        }
        return wanted.contains(schema) || (types.contains(schema.type) && steps[schema] == nil)
    }

    /// The steps that begin a chain to one of some schemas, or belong to it, each as a text of its own.
    func descriptions(leadingTo wanted: Set<EventSchema>) -> [String] {
        steps.values.filter { step in
            wanted.contains { leads(from: step.source, to: $0) }
        }.map { "\($0.source) to \($0.destination)" }
    }

    var count: Int { steps.count }
}
