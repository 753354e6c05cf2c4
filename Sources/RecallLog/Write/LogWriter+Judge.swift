// Whether a commit is new, a repetition or a conflict, by what the indexes and frames say, those of the
// group that is being placed among them.

internal import Recall

extension LogWriter {
    /// The receipt of a commit that is stored already; nil for one that is new and as expected.
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, or what reading throws.
    /// - Parameter mayBeStored: whether frames may hold any of the commit's event ids.
    func judge(
        _ prepared: borrowing PreparedCommit, mayBeStored: Bool, _ state: inout State
    ) throws(StoreError) -> CommitReceipt? {
        guard mayBeStored else {
            if !prepared.hasExpectations { return nil }
            try CommitJudge.checkExpectations(
                of: prepared.commit, version: version(of:), graphPosition: graphPosition(of:))
            return nil
        }
        // A frame of this very group may still be in the buffer: it is written, to be read like all others.
        try write(&state)
        let verdict = try CommitJudge.judge(
            prepared.commit,
            storedEvent: { (id) throws(StoreError) in try storedEvent(RawIdentifier(id.uuid)) },
            version: version(of:), graphPosition: graphPosition(of:))
        if case .isRepetition(let receipt) = verdict { return receipt }
        return nil
    }

    private func version(of id: AggregateID) throws(StoreError) -> Version {
        Version(try contents.aggregate(RawIdentifier(id.uuid))?.entry.version ?? 0)
    }

    private func graphPosition(of id: AggregateID) throws(StoreError) -> Position {
        Position(try contents.aggregate(RawIdentifier(id.uuid))?.entry.graphPosition ?? 0)
    }

    /// The event with an id, read from its frame; nil where no frame holds it.
    private func storedEvent(_ id: RawIdentifier) throws(StoreError) -> RecordedEvent? {
        for candidates in try contents.candidates(for: id) {
            for offset in candidates.offsets {
                let found = try candidates.file.withBytes { (bytes) throws(StoreError) -> RecordedEvent? in
                    let commit = try reader.commit(at: offset, in: candidates.file, bytes)
                    let ids: [RawIdentifier]
                    do throws(FormatError) { ids = try commit.eventIDs(bytes) } catch {
                        throw reader.bodyDamage(commit, error)
                    }
                    guard let index = ids.firstIndex(of: id) else { return nil }
                    return try reader.event(index, of: commit, bytes)
                }
                if let found { return found }
            }
        }
        return nil
    }
}
