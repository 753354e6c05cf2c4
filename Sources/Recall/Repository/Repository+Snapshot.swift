// Snapshots are a shortcut and never a source of truth: what does not fit in every respect is left
// aside, and no failure of theirs reaches the caller.
//
// Invariant: what is in a snapshot was made by events. The state that was saved is not believed: the snapshot is made of the one
// before, or of nothing, and the events that followed.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Logging

/// What a snapshot's payload holds: the root, and the last event that is in it.
private struct SnapshotEnvelope<Root: AggregateRoot>: Codable {
    var stamp: GraphStamp
    var root: Root
}

extension Repository {
    /// The aggregate from its snapshot and the events behind it; nil where no snapshot can be used.
    func loadFromSnapshot(_ id: AggregateID) async throws(RepositoryError) -> Root? {
        guard let store = configuration.snapshotStore else { return nil }
        let snapshot: Snapshot
        do throws(StoreError) {
            guard let latest = try await store.latest(of: id) else { return nil }
            snapshot = latest
        } catch {
            log("could not be read, so all events are replayed", of: id, cause: error)
            return nil
        }
        guard let base = usableRoot(in: snapshot, id: id) else { return nil }
        if try await isPartOfHistory(snapshot) {
            do throws(RepositoryError) {
                if let root = try await caughtUp(base) { return try await checked(root) }
            } catch  where error.code == .brokenStream {
                // Only the events themselves decide whether the stream is broken.
            }
        }
        log("is of another history than the events, so all of them are replayed", of: id, cause: nil)
        // A higher position would keep newer snapshots out.
        do throws(StoreError) { try await store.remove(id) } catch {
            log("could not be removed", of: id, cause: error)
        }
        return nil
    }

    /// A root that began at a snapshot, or the one that its events give where a sample finds that they differ.
    private func checked(_ root: Root) async throws(RepositoryError) -> Root {
        guard configuration.checks.takesSample, let stamp = root.lifecycle.stamp,
            let replayed = try await replayed(root.id, through: stamp, from: nil)
        else { return root }
        let differences = differences(kept: root, replayed: replayed)
        if differences.isEmpty { return root }
        logDifference("snapshot", of: root.id, differences)
        do throws(StoreError) { try await configuration.snapshotStore?.remove(root.id) } catch {
            log("could not be removed", of: root.id, cause: error)
        }
        return replayed
    }

    private func logDifference(_ what: String, of id: AggregateID, _ differences: [StateDifference]) {
        configuration.logger.error(
            "The \(what) of \(Root.aggregateType) \(id) is not what its events give: \(Self.list(differences)). Raise snapshotSchemaVersion where `apply` or an upcaster has changed, and change the state in `apply` alone."
        )
    }

    /// The root in a snapshot, where schema and stamps agree.
    func usableRoot(in snapshot: Snapshot, id: AggregateID) -> Root? {
        guard snapshot.schemaFingerprint == model.fingerprint,
            snapshot.aggregateID == id, snapshot.aggregateType == Root.aggregateType
        else {
            log("was made by another schema, so all events are replayed", of: id, cause: nil)
            return nil
        }
        do {
            let envelope = try StoredJSON.decode(SnapshotEnvelope<Root>.self, from: snapshot.payload)
            var root = envelope.root
            guard root.id == id, root.version == snapshot.version,
                envelope.stamp.position == snapshot.position
            else {
                log("contradicts its own stamp, so all events are replayed", of: id, cause: nil)
                return nil
            }
            root.lifecycle.stamp = envelope.stamp
            return root
        } catch {
            log("cannot be decoded, so all events are replayed", of: id, cause: error)
            return nil
        }
    }

    /// Whether the root had the snapshot's version at the snapshot's position.
    func isPartOfHistory(_ snapshot: Snapshot) async throws(RepositoryError) -> Bool {
        do throws(StoreError) {
            let query = EventQuery(
                .aggregate(snapshot.aggregateID), direction: .backwards,
                positions: .beforeFirst ... snapshot.position, limit: 1)
            return try await configuration.eventStore.read(query).events.first?.version == snapshot.version
        } catch {
            throw .store(error, aggregateID: snapshot.aggregateID)
        }
    }

    /// Makes a snapshot of what the events of a saved root give, when one is due. Failures are logged.
    /// - Returns: false where the root differs from what its events give.
    func saveSnapshotIfDue(_ root: inout Root) async -> Bool {
        guard let store = configuration.snapshotStore, configuration.snapshotFrequency > 0,
            let stamp = root.lifecycle.stamp,
            stamp.unsnapshottedEventCount >= configuration.snapshotFrequency
        else { return true }
        do {
            guard
                let replayed = try await replayed(
                    root.id, through: stamp, from: try await store.latest(of: root.id))
            else { return false }
            let payload = try StoredJSON.encode(SnapshotEnvelope(stamp: stamp, root: replayed))
            try await store.save(
                Snapshot(
                    aggregateID: root.id, aggregateType: Root.aggregateType, version: replayed.version,
                    position: stamp.position, schemaFingerprint: model.fingerprint,
                    time: configuration.clock.now(), payload: payload))
            root.lifecycle.stamp?.unsnapshottedEventCount = 0
            let differences = differences(kept: root, replayed: replayed)
            if differences.isEmpty { return true }
            logDifference("saved state", of: root.id, differences)
            return false
        } catch {
            log("could not be saved; the events are stored", of: root.id, cause: error)
            return true
        }
    }

    private func log(_ what: String, of id: AggregateID, cause: (any Error)?) {
        var metadata: Logger.Metadata = [
            "aggregateType": "\(Root.aggregateType)", "aggregateID": "\(id)",
        ]
        if let cause { metadata["cause"] = "\(ErrorText.sentence(of: cause))" }
        configuration.logger.log(
            level: cause == nil ? .info : .warning, "The snapshot \(what).", metadata: metadata)
    }
}
