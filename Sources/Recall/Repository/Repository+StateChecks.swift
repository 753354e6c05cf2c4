// States that were kept, held against what their events give: the only judge of a state is a replay.

extension Repository {
    /// Where a state differs from the one that its events give; empty where it does not, or cannot be encoded.
    package func differences(kept: Root, replayed: Root) -> [StateDifference] {
        guard let keptTree = try? StateTree(of: kept), let tree = try? StateTree(of: replayed) else {
            return []
        }
        let found = keptTree.differences(from: tree)
        if found.isEmpty, let equatable = kept as? any Equatable, equatable.isUnequal(to: replayed) {
            return [StateDifference(path: "", kept: "unequal by ==", replayed: "the same values encoded")]
        }
        return found
    }

    /// Refuses a state that its events do not give.
    /// - Parameters:
    ///   - base: the root before the change; nil where it is to be found.
    ///   - events: what is staged, in order.
    nonisolated(nonsending) func check(
        _ root: Root, from base: Root?, with events: [NewEvent], versions: [Version]
    ) async throws(RepositoryError) {
        guard let base = await knownBase(of: root, base) else { return }
        var position = base.lifecycle.stamp?.position ?? .beforeFirst
        var replay = GraphReplay(base, coder: configuration.coder)
        let recorded = zip(events, versions).map { event, version in
            position = position.next
            return RecordedEvent(
                event, position: position, version: version, time: event.time ?? configuration.clock.now())
        }
        try replay.apply(recorded)
        let differences = differences(kept: root, replayed: replay.root)
        if differences.isEmpty { return }
        throw RepositoryError(
            .stateWithoutEvent,
            "The state of \(Root.aggregateType) \(root.id) is not what its events give: \(Self.list(differences)); nothing was written: change the state in `apply` alone, for an event that is staged, and let it depend on nothing but the state and the event.",
            aggregateID: root.id)
    }

    /// The root before anything was staged; nil where nobody can say, as where the graph has changed since.
    private nonisolated(nonsending) func knownBase(of root: Root, _ base: Root?) async -> Root? {
        if let base { return base }
        guard let stamp = root.lifecycle.stamp else {
            let stagedCount = root.lifecycle.staged.count { $0.aggregateID == root.id }
            return root.version == Version(UInt64(stagedCount)) ? Root(id: root.id) : nil
        }
        if let kept = remembered(root.id), kept.lifecycle.stamp?.hasSameEvent(as: stamp) == true {
            return kept
        }
        return try? await replayed(root.id, through: stamp, from: nil)
    }

    /// The state that the events give, up to one of them; nil where that is not in the store.
    /// - Parameter snapshot: what may be begun at; nil to begin before the first event.
    nonisolated(nonsending) func replayed(
        _ id: AggregateID, through stamp: GraphStamp, from snapshot: Snapshot?
    ) async throws(RepositoryError) -> Root? {
        if let snapshot, snapshot.position <= stamp.position, let base = usableRoot(in: snapshot, id: id),
            try await isPartOfHistory(snapshot), let root = try await caughtUp(base, through: stamp.position)
        {
            return root.lifecycle.stamp?.hasSameEvent(as: stamp) == true ? root : nil
        }
        var replay = GraphReplay<Root>(id: id, coder: configuration.coder)
        for try await page in pages(EventQuery(.graph(id), positions: .first ... stamp.position), of: id) {
            try replay.apply(page)
        }
        let root = try finished(replay)
        return root.lifecycle.stamp?.hasSameEvent(as: stamp) == true ? root : nil
    }

    static func list(_ differences: [StateDifference]) -> String {
        differences.map(\.description).joined(separator: "; ")
    }
}

extension GraphStamp {
    /// Whether both states hold the same events.
    func hasSameEvent(as other: GraphStamp) -> Bool {
        position == other.position && eventID == other.eventID
    }
}

extension Equatable {
    /// Whether a value is of the same type and not equal. One that is not equal to itself, as with a number that is none, cannot
    /// be compared.
    fileprivate func isUnequal(to other: Any) -> Bool {
        guard let other = other as? Self, self == self else { return false }
        return self != other
    }
}
