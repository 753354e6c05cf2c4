// What a writer does with a store in which a bit has flipped: it refuses, or goes on behind all that is there, and knows what is
// stored already. And what snapshots come back.

internal import Recall
internal import RecallLog

extension RotCheck {
    /// Opens the store for appending, on a copy: repeats a commit, appends a new one, and reads all of it.
    func checkWriting(_ expected: RotExpectation) throws(ConformanceFailure) {
        let disk = store.disk.copy()
        let log: Log
        do throws(StoreError) {
            log = try Log.openBlocking(
                at: RotStore.path, access: .openExisting, configuration: RotStore.configuration, disk: disk)
        } catch {
            // Damage in what is not sealed; with what is lost, where anything is.
            let stated = error.damagedPositions.map { $0.lowerBound.rawValue ... $0.upperBound.rawValue }
            guard error.code == .damaged, expected.finding?.kind == .frames, stated == expected.lost else {
                throw ConformanceFailure("Opening for appending ended with \(describe(error)).")
            }
            return
        }
        try checkRepetition(log, expected)
        let end = expected.endPosition
        var new = RotEvents.commit(500)
        new[0].aggregateID = RotEvents.aggregate(77)
        new[0].rootID = new[0].aggregateID
        var position: UInt64?
        do throws(StoreError) {
            position = try log.appendBlocking(Commit(events: new)).firstPosition.rawValue
        } catch {
            guard error.code == .damaged, expected.lost != nil else {
                throw ConformanceFailure("Appending ended with \(describe(error)).")
            }
        }
        guard position == nil || position == end + 1 else {
            throw ConformanceFailure("A new commit got position \(position ?? 0) behind \(end).")
        }
        try attempt("close the store") { () throws(StoreError) in try log.closeBlocking() }
        let again = RotCheck(store: RotStore(store, with: disk))
        try again.checkVerifyingAfterAppend(expected)
    }

    /// A commit that is stored is known to be, whatever became of an index; one that is lost is never said to be stored elsewhere.
    private func checkRepetition(_ log: Log, _ expected: RotExpectation) throws(ConformanceFailure) {
        var position: UInt64 = 1
        for events in store.commits {
            defer { position += UInt64(events.count) }
            guard position <= expected.endPosition else { return }
            do throws(StoreError) {
                let receipt = try log.appendBlocking(Commit(events: events))
                guard receipt.wasStoredBefore, receipt.firstPosition.rawValue == position else {
                    throw StoreError(
                        .unavailable,
                        "The commit at \(position) was stored once more, at \(receipt.firstPosition).")
                }
            } catch {
                guard error.code == .damaged, expected.lost != nil else {
                    throw ConformanceFailure("Repeating a commit ended with \(describe(error)).")
                }
            }
        }
    }

    /// An index that was given up is made again by the writer; all other damage is still what it was.
    private func checkVerifyingAfterAppend(_ expected: RotExpectation) throws(ConformanceFailure) {
        let report = try attempt("verify the store again") { () throws(StoreError) in
            try Log.verify(at: RotStore.path, disk: store.disk)
        }
        for finding in report.findings {
            guard let wanted = expected.finding, wanted.subject == finding.subject,
                wanted.segment == finding.segment
            else { throw ConformanceFailure("After an append verifying found \(finding).") }
        }
    }

    /// A snapshot comes back as it was saved, or not at all.
    func checkSnapshots() throws(ConformanceFailure) {
        let files = SnapshotFiles(
            disk: store.disk, directory: RotStore.path + "/snapshots", storeID: store.storeID,
            isReadOnly: true)
        defer { files.close() }
        for number in 0 ..< RotEvents.aggregateCount {
            let id = RotEvents.aggregate(number)
            let found = try attempt("look for a snapshot") { () throws(StoreError) in
                try files.latest(of: id)
            }
            guard let found else { continue }
            guard store.snapshots.contains(found), found.aggregateID == id else {
                throw ConformanceFailure("A snapshot of \(id) came back that nobody saved: \(found)")
            }
        }
    }
}
