// Whether a commit is new, a repetition or a conflict, by what the indexes and frames say, those of the
// group that is being placed among them.

internal import Recall

extension LogWriter {
    /// - Throws: `conflict`, `eventIDReused`, `duplicateEventID`, or what reading throws.
    func judge(_ pending: PendingCommit, _ state: inout State) throws(StoreError) -> CommitVerdict {
        let mayBeStored = try contents.mayHold(pending.ids)
        // A frame of this very group may still be in the buffer: it is written, to be read like all others.
        if mayBeStored { try write(&state) }
        return try CommitJudge.judge(
            pending.commit,
            storedEvent: { (id) throws(StoreError) in
                mayBeStored ? try storedEvent(RawIdentifier(id.uuid)) : nil
            },
            version: { (id) throws(StoreError) in
                Version(try contents.aggregate(RawIdentifier(id.uuid))?.entry.version ?? 0)
            },
            graphPosition: { (id) throws(StoreError) in
                Position(try contents.aggregate(RawIdentifier(id.uuid))?.entry.graphPosition ?? 0)
            })
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
