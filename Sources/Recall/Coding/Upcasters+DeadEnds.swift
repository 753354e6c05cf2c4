// Chains of upcasters that lead nowhere, found without an event: a name that was mistyped, a version that is no more, a circle.

extension Upcasters {
    /// What is wrong with the chains, a sentence for each; empty where all end at something that is known or ignored.
    /// - Parameters:
    ///   - known: the schemas that aggregates have today.
    ///   - ignored: the types whose events are passed over.
    func deadEnds(knowing known: Set<EventSchema>, ignoring ignored: Set<EventType>) -> [String] {
        sources.sorted { $0.description < $1.description }.flatMap { source in
            (self[source]?.destinations ?? []).compactMap { destination in
                if known.contains(destination) || ignored.contains(destination.type) { return nil }
                if self[destination] == nil {
                    return
                        "The upcaster from \(source) ends at \(destination), which is an event of no aggregate: correct its destination, register an upcaster from there, or ignore the type."
                }
                if leads(from: destination, backTo: destination, until: known) {
                    return
                        "The upcasters from \(destination) come back to it, so that its events never become any that is known: let one of them lead elsewhere."
                }
                return nil
            }
        }
    }

    /// Whether a chain from a schema comes to a schema again before it is at one that is known.
    private func leads(from start: EventSchema, backTo wanted: EventSchema, until known: Set<EventSchema>)
        -> Bool
    {
        var seen: Set<EventSchema> = []
        var waiting = self[start]?.destinations ?? []
        while let schema = waiting.popLast() {
            if schema == wanted { return true }
            guard seen.insert(schema).inserted, !known.contains(schema) else { continue }
            waiting += self[schema]?.destinations ?? []
        }
        return false
    }
}
