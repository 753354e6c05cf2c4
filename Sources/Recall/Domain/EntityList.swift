// The children of an entity, in the order in which they came, found by id. Removed slots stay empty
// until half of them are, so that a removal does not move all that follow.
//
// Invariant: after each access from outside, what a child staged is in `pending`. So a child can leave
// the list at any time, and no event goes with it.

/// Child entities in order of their insertion, each found by its id.
///
/// Insert and remove children in `apply`, and reach one through its id to let something happen to it:
/// `employees[id]?.promote(to: "Captain")`.
public struct EntityList<Child: Entity>: Sendable {
    private var slots: [Child?] = []
    private var places: [AggregateID: Int] = [:]
    /// Where the children stand where some slots are empty; nil where none is.
    private var order: SlotOrder?

    /// Staged by children, gone ones included, and not yet drawn up by the parent.
    var pending: [StagedEvent] = []
    /// The parent's; nil where the parent did not name the list in `children`.
    var clock: StagingClock?
    /// Children that came, or in whose own lists one came, since this was last taken.
    var restructured: [AggregateID] = []

    /// A list without children.
    public init() {}

    /// How many children there are.
    public var count: Int { places.count }
    /// Whether there is no child.
    public var isEmpty: Bool { places.isEmpty }

    /// Whether there is a child with an id.
    public func contains(_ id: AggregateID) -> Bool { places[id] != nil }

    /// The child with an id, or nil. Changed in place: `employees[id]?.promote(to: title)`.
    ///
    /// Assigning nil removes the child, and assigning another one inserts that.
    public subscript(id: AggregateID) -> Child? {
        get {
            guard let index = places[id] else { return nil }
            return slots[index]
        }
        _modify {
            if let index = places[id] {
                lend(slot: index)
                defer { reclaim(slot: index, of: id) }
                yield &slots[index]
            } else {
                var newcomer: Child?
                defer { if let newcomer { insert(newcomer) } }
                yield &newcomer
            }
        }
    }

    /// Appends a child; one with the same id is replaced and keeps its place.
    public mutating func insert(_ child: Child) {
        let index: Int
        if let known = places[child.id] {
            index = known
            slots[index] = child
        } else {
            index = slots.count
            slots.append(child)
            places[child.id] = index
            noteGap()
        }
        restructured.append(child.id)
        lend(slot: index)
        collectStaged(fromSlot: index)
    }

    /// Removes a child. What it staged is saved with the root all the same.
    /// - Returns: the child, or nil where there is none with this id.
    @discardableResult
    public mutating func remove(_ id: AggregateID) -> Child? {
        guard let index = places.removeValue(forKey: id) else { return nil }
        let child = slots[index]
        slots[index] = nil
        compactIfSparse()
        return child
    }

    /// Removes the children that satisfy a condition.
    /// - Throws: what `shouldRemove` throws; the children before stay removed.
    public mutating func removeAll(where shouldRemove: (Child) throws -> Bool) rethrows {
        for child in self where try shouldRemove(child) { remove(child.id) }
    }

    /// Changes every child, in order.
    /// - Throws: what `body` throws; the children before stay changed.
    public mutating func modifyAll<Failure: Error>(
        _ body: (inout Child) throws(Failure) -> Void
    ) throws(Failure) {
        for id in map(\.id) { _ = try modify(id, body) }
    }

    /// Changes a child and returns what `body` returns, or nil where there is no child with this id.
    /// - Throws: what `body` throws.
    @discardableResult
    public mutating func modify<Result, Failure: Error>(
        _ id: AggregateID, _ body: (inout Child) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let index = places[id] else { return nil }
        lend(slot: index)
        defer { reclaim(slot: index, of: id) }
        guard slots[index] != nil else { return nil }
        return try slots[index].modify(body)
    }

    /// Changes a child, or throws where there is none, in place of doing nothing: `try employees.change(id) { $0.promote(to: title) }`.
    /// - Returns: what `body` returns.
    /// - Throws: `AbsentChild` where there is no child with this id; what `body` throws.
    @discardableResult
    public mutating func change<Result>(
        _ id: AggregateID, _ body: (inout Child) throws -> Result
    ) throws -> Result {
        guard contains(id), let result = try modify(id, body) else {
            throw AbsentChild(id: id, type: Child.aggregateType)
        }
        return result
    }

    /// Changes a child, or throws an error of the domain's where there is none:
    /// `try employees.change(id, orThrow: CompanyRefusal.notEmployed(id: id)) { $0.title = title }`.
    /// - Returns: what `body` returns.
    /// - Throws: `absence` where there is no child with this id.
    @discardableResult
    public mutating func change<Result, Failure: Error>(
        _ id: AggregateID, orThrow absence: @autoclosure () -> Failure, _ body: (inout Child) -> Result
    ) throws(Failure) -> Result {
        guard contains(id), let result = modify(id, body) else { throw absence() }
        return result
    }

    /// Changes a child, which may refuse it, or throws an error of the domain's where there is none. The type of what is thrown is told
    /// to the closure: `{ employee throws(CompanyRefusal) in try employee.promote(to: title) }`.
    /// - Returns: what `body` returns.
    /// - Throws: `absence` where there is no child with this id; what `body` throws.
    @discardableResult
    public mutating func change<Result, Failure: Error>(
        _ id: AggregateID, orThrow absence: @autoclosure () -> Failure,
        _ body: (inout Child) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard contains(id), let result = try modify(id, body) else { throw absence() }
        return result
    }

    /// Changes a child by an event that has happened already: nothing can be staged by it.
    mutating func modifyInReplay<Result, Failure: Error>(
        _ id: AggregateID, _ body: (inout Child) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let index = places[id] else { return nil }
        return try slots[index].modify(body)
    }
}

extension EntityList {
    /// Gives a child the clock before it is reached from outside.
    private mutating func lend(slot index: Int) {
        guard let clock, slots[index]?.lifecycle.clock !== clock else { return }
        slots[index]?.adopt(clock)
    }

    /// Takes over what a child staged while it was reached from outside, and sees whether it is gone.
    private mutating func reclaim(slot index: Int, of id: AggregateID) {
        guard let currentID = slots[index]?.id else {
            places[id] = nil
            compactIfSparse()
            return
        }
        if currentID != id, let other = slots[index] {
            // Assigned from outside: another child in the place of this one.
            places[id] = nil
            slots[index] = nil
            insert(other)
            noteGap()
            return
        }
        if slots[index]?.isRestructured == true {
            if restructured.last != id { restructured.append(id) }
            // One that came to a property of the child counts with the graph, too.
            if let clock { slots[index]?.adopt(clock) }
        }
        collectStaged(fromSlot: index)
    }

    private mutating func collectStaged(fromSlot index: Int) {
        guard let staged = slots[index]?.takeStaged(), !staged.isEmpty else { return }
        guard clock != nil else {
            preconditionFailure(
                """
                \(Child.self) \(staged[0].aggregateID) staged an event in a list that its parent does not know, \
                so the event would be lost. Name the list in the parent's `children`: \
                static let children: [EntityChildren<Parent>] = [.list(\\.nameOfTheList)]. A parent made by \
                calling `apply` itself knows its lists when it is made with init(id:replaying:) instead.
                """)
        }
        pending += staged
    }

    private mutating func compactIfSparse() {
        defer { noteGap() }
        guard slots.count > 2 * places.count + 16 else { return }
        slots.removeAll { $0 == nil }
        for (index, child) in slots.enumerated() {
            if let child { places[child.id] = index }
        }
    }
}

extension EntityList {
    /// Forgets which child stands where, after a change of the slots.
    private mutating func noteGap() { order = slots.count == places.count ? nil : SlotOrder() }
}

extension EntityList: RandomAccessCollection {
    /// 0.
    public var startIndex: Int { 0 }
    /// As many as there are children.
    public var endIndex: Int { places.count }

    /// The child at a place in the order in which they came, counted from 0. The first look after children were removed takes time in
    /// proportion to the length of the list, the next ones do not.
    public subscript(position: Int) -> Child {
        guard let order else { return child(inSlot: position) }
        return child(inSlot: order.slot(at: position, count: slots.count) { slots[$0] != nil })
    }

    private func child(inSlot slot: Int) -> Child {
        guard let child = slots[slot] else {
            preconditionFailure("A slot of a list is empty that its order names.")
        }
        return child
    }

    /// Goes over the children as they are now; changing the list meanwhile does not change what it gives.
    public func makeIterator() -> Iterator { Iterator(slots: slots.makeIterator()) }

    public var underestimatedCount: Int { count }

    /// The children in order.
    public struct Iterator: IteratorProtocol {
        fileprivate var slots: IndexingIterator<[Child?]>

        public mutating func next() -> Child? {
            while let slot = slots.next() {
                if let child = slot { return child }
            }
            return nil
        }
    }
}

extension EntityList: Codable {
    /// Takes an array of children, in their order.
    /// - Throws: `DecodingError`, where an id stands twice or a child cannot be decoded.
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            let child = try container.decode(Child.self)
            guard places.updateValue(slots.count, forKey: child.id) == nil else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "The id \(child.id) stands twice in the list.")
            }
            slots.append(child)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for child in self { try container.encode(child) }
    }
}

extension EntityList: Equatable where Child: Equatable {
    public static func == (left: EntityList, right: EntityList) -> Bool { left.elementsEqual(right) }
}

extension Optional {
    /// Changes the value in place; the optional is known to hold one.
    fileprivate mutating func modify<Result, Failure: Error>(
        _ body: (inout Wrapped) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch self {
        case .none: return nil
        case .some(var value):
            // Taken out while it changes, so that its storage is not copied.
            self = nil
            defer { self = value }
            return try body(&value)
        }
    }
}
