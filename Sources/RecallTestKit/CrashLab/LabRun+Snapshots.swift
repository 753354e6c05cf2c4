// Snapshots in the lab: a cache, so that one may be missing at any time, but what is there is one that was saved, of events
// that the log holds.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog

/// What was saved of each aggregate since it was last removed.
struct LabSnapshots {
    /// Any of them may come back.
    var saved: [AggregateID: [Snapshot]] = [:]
    /// What must come back, as long as nothing fails and the session lasts.
    var expected: [AggregateID: Snapshot] = [:]
}

extension LabRun {
    func saveSnapshot() throws {
        let id = AggregateID(number: UInt64(number(in: 1 ..< 5)) * 100)
        guard !isLatched, unanswered.isEmpty, let status = model.status(of: id) else { return }
        let snapshot = Snapshot(
            aggregateID: id, aggregateType: "Company", version: status.version, position: model.lastPosition,
            schemaFingerprint: 7, time: clock.now,
            // Longer than a sector, as a rule, so that a crash can tear it.
            payload: history(upTo: model.lastPosition) + noise(count: number(in: 0 ..< 1_500)))
        snapshots.saved[id, default: []].append(snapshot)
        snapshots.expected[id] = nil
        do throws(StoreError) {
            try opened().snapshotFiles.save(snapshot)
        } catch {
            note("saving a snapshot failed: \(error.code.rawValue)")
            if !isTroubled {
                throw ConformanceFailure("Saving a snapshot: expected success, found \(error).")
            }
            return
        }
        note("saved a snapshot of \(id) at \(model.lastPosition)")
        statistics.snapshotCount += 1
        durablePosition = model.lastPosition
        if !isTroubled { snapshots.expected[id] = snapshot }
    }

    func loadSnapshot() throws {
        for id in snapshots.saved.keys.sorted(by: <) {
            let found = try opened().snapshotFiles.latest(of: id)
            note("loaded the snapshot of \(id): \(found.map { "at \($0.position)" } ?? "none")")
            if let expected = snapshots.expected[id], !isTroubled {
                try expectEqual(found?.position, expected.position, "The position of the snapshot of \(id)")
            }
            guard let found else { continue }
            let saved = snapshots.saved[id] ?? []
            guard saved.contains(found) else {
                throw ConformanceFailure(
                    "The snapshot of \(id): expected one of \(saved.count) that were saved, found \(found).")
            }
            guard found.position <= model.lastPosition,
                found.payload.starts(with: history(upTo: found.position))
            else {
                throw ConformanceFailure(
                    "The snapshot of \(id) at \(found.position): expected events that the log holds, up to \(model.lastPosition), found others."
                )
            }
        }
    }

    func removeSnapshot() throws {
        guard let id = snapshots.saved.keys.sorted(by: <).first else { return }
        snapshots.expected[id] = nil
        do throws(StoreError) {
            try opened().snapshotFiles.remove(id)
        } catch {
            note("removing a snapshot failed: \(error.code.rawValue)")
            if !isTroubled {
                throw ConformanceFailure("Removing a snapshot: expected success, found \(error).")
            }
            return
        }
        note("removed the snapshot of \(id)")
        // That lasts. Unless it was not found because the disk failed.
        if !isTroubled { snapshots.saved[id] = nil }
    }

    /// Tells one history from another, as the state in a snapshot does.
    private func history(upTo position: Position) -> Data {
        var sum: UInt64 = 0
        for event in model.events.prefix(Int(position.rawValue)) {
            sum =
                (sum ^ UInt64(truncatingIfNeeded: event.id.uuid.uuid.15)) &* 0x100_0000_01B3
                &+ event.position.rawValue
        }
        return .init("\(sum)".utf8)
    }
}
