// Snapshots are a shortcut and never a source of truth: what does not fit in every respect is left
// aside, and no failure of theirs reaches the caller.

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
                if let root = try await caughtUp(base) { return root }
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

    /// The root in a snapshot, where schema and stamps agree.
    private func usableRoot(in snapshot: Snapshot, id: AggregateID) -> Root? {
        guard snapshot.schemaFingerprint == model.fingerprint,
            snapshot.aggregateID == id, snapshot.aggregateType == Root.aggregateType
        else {
            log("was made by another schema, so all events are replayed", of: id, cause: nil)
            return nil
        }
        do {
            let envelope = try StoredJSON.decoder.decode(SnapshotEnvelope<Root>.self, from: snapshot.payload)
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
    private func isPartOfHistory(_ snapshot: Snapshot) async throws(RepositoryError) -> Bool {
        do throws(StoreError) {
            let query = EventQuery(
                .aggregate(snapshot.aggregateID), direction: .backwards,
                positions: .beforeFirst ... snapshot.position, limit: 1)
            return try await configuration.eventStore.read(query).events.first?.version == snapshot.version
        } catch {
            throw .store(error, aggregateID: snapshot.aggregateID)
        }
    }

    /// Makes a snapshot of a saved root when one is due. Failures are logged.
    func saveSnapshotIfDue(_ root: inout Root) async {
        guard let store = configuration.snapshotStore, configuration.snapshotFrequency > 0,
            let stamp = root.lifecycle.stamp,
            stamp.unsnapshottedEventCount >= configuration.snapshotFrequency
        else { return }
        do {
            let payload = try StoredJSON.encoder.encode(SnapshotEnvelope(stamp: stamp, root: root))
            try await store.save(
                Snapshot(
                    aggregateID: root.id, aggregateType: Root.aggregateType, version: root.version,
                    position: stamp.position, schemaFingerprint: model.fingerprint,
                    time: configuration.clock.now(), payload: payload))
            root.lifecycle.stamp?.unsnapshottedEventCount = 0
        } catch {
            log("could not be saved; the events are stored", of: root.id, cause: error)
        }
    }

    private func log(_ what: String, of id: AggregateID, cause: (any Error)?) {
        var metadata: Logger.Metadata = [
            "aggregateType": "\(Root.aggregateType)", "aggregateID": "\(id)",
        ]
        if let cause { metadata["cause"] = "\(cause)" }
        configuration.logger.log(
            level: cause == nil ? .info : .warning, "The snapshot \(what).", metadata: metadata)
    }
}
