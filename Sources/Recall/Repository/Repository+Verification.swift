// Snapshots compared with a replay from the first event on, for whoever has changed what a replay gives: `apply`, an upcaster, an
// initial value. The stamps and the fingerprint of a snapshot cannot show that.

extension Repository {
    /// Compares kept snapshots with a replay of all their events. Run it after a change of `apply` or of an upcaster.
    ///
    /// Events and snapshots may be written meanwhile. Each aggregate that is chosen is replayed in full, so a store with many
    /// events takes as long as reading all of them.
    /// - Parameters:
    ///   - sampleRate: which part of the aggregates is chosen, from 0 to 1; 1 for all.
    ///   - isRemoving: whether snapshots that are not as they should be are removed, so that the next load replays the events.
    ///   - random: draws a number from 0 to 1 for each aggregate.
    ///   - progress: hears after each page of aggregates what was found until then.
    /// - Returns: which snapshots differ, and where.
    /// - Throws: `store` where the events or the snapshots cannot be read; `cancelled` when the task is.
    public nonisolated(nonsending) func verifySnapshots(
        sampleRate: Double = 1, isRemoving: Bool = false,
        random: @Sendable () -> Double = { Double.random(in: 0 ..< 1) },
        progress: (@Sendable (SnapshotVerification) -> Void)? = nil
    ) async throws(RepositoryError) -> SnapshotVerification {
        var verification = SnapshotVerification()
        guard let snapshots = configuration.snapshotStore else { return verification }
        // The first event of each root; their version tells it, since streams begin at 1.
        var next: EventQuery? = EventQuery(aggregateTypes: [Root.aggregateType])
        do throws(StoreError) {
            while let query = next {
                let page = try await configuration.eventStore.read(query)
                next = page.next?.goingOn(behind: page)
                for event in page.events where event.version == .first && event.aggregateID == event.rootID {
                    if sampleRate < 1, random() >= sampleRate { continue }
                    if Task.isCancelled { throw .verificationCancelled }
                    verification.aggregateCount += 1
                    guard let snapshot = try await snapshots.latest(of: event.aggregateID) else { continue }
                    guard try await verify(snapshot, &verification), isRemoving else { continue }
                    forget(event.aggregateID)
                    try await snapshots.remove(event.aggregateID)
                }
                progress?(verification)
            }
        } catch {
            throw .store(error, aggregateID: .zero)
        }
        return verification
    }

    /// - Returns: whether the snapshot is not as it should be.
    private nonisolated(nonsending) func verify(
        _ snapshot: Snapshot, _ verification: inout SnapshotVerification
    ) async throws(StoreError) -> Bool {
        let id = snapshot.aggregateID
        var finding = SnapshotVerification.Finding(
            aggregateID: id, position: snapshot.position, differences: [], error: nil)
        guard let kept = usableRoot(in: snapshot, id: id), let stamp = kept.lifecycle.stamp else {
            verification.unusableCount += 1
            return false
        }
        do throws(RepositoryError) {
            guard let replayed = try await replayed(id, through: stamp, from: nil) else {
                verification.unusableCount += 1
                return false
            }
            finding.differences = differences(kept: kept, replayed: replayed)
        } catch {
            if let error = error.storeError { throw error }
            finding.error = error
        }
        verification.comparedCount += 1
        if finding.differences.isEmpty, finding.error == nil { return false }
        verification.add(finding)
        return true
    }
}

extension StoreError {
    fileprivate static let verificationCancelled = StoreError(
        .cancelled,
        "The task was cancelled while snapshots were verified, and not all of them were; verify them again.")
}
