// Backups of the store while it is in use, onto a disk of their own, which loses its power by itself now and then. A backup is
// a beginning of what was appended, never shorter than the one before it, and never ahead of what the store keeps.

internal import Recall
internal import RecallLog

extension LabRun {
    /// Backs the store up, from inside the writer's process or from another one. Only where nothing fails on the store's disk: what
    /// another process's failed sync forgets, the log could not know of.
    func backUp() throws {
        guard !isTroubled, !isLatched, !disk.isStopped else { return }
        let log = try opened()
        let isInterrupted = chance(30)
        if isInterrupted { backupDisk.stop(afterMutation: backupDisk.mutationCount + number(in: 0 ..< 40)) }
        var position: Position?
        do throws(StoreError) {
            let result =
                chance(50)
                ? try log.backup(to: backupPath, on: backupDisk, isStopped: { false }, progress: nil)
                : try Log.backup(at: settings.path, on: disk, to: backupPath, on: backupDisk)
            position = result.position
            statistics.backupCount += 1
        } catch {
            guard isInterrupted else {
                throw ConformanceFailure("Backing up: expected success, found \(error).")
            }
        }
        note("backed up, \(position.map { "to \($0)" } ?? "interrupted")")
        if let position {
            guard position == model.lastPosition else {
                throw ConformanceFailure(
                    "A backup: expected everything up to \(model.lastPosition), found \(position).")
            }
            backupPosition = position
            // What is copied is made durable in the store first.
            durablePosition = max(durablePosition, position)
        }
        if isInterrupted { backupDisk = backupDisk.crash(seed: generator.next()) }
        try compareBackup()
    }

    /// Holds the backup against the model.
    func compareBackup() throws {
        let log: Log
        do throws(StoreError) {
            log = try Log.openBlocking(
                at: backupPath, access: .readOnly, configuration: configuration, disk: backupDisk)
        } catch {
            if error.code == .notFound, backupPosition == .beforeFirst { return }
            throw ConformanceFailure("Opening a backup: expected success, found \(error).")
        }
        let found = try log.lastPositionBlocking()
        guard found >= backupPosition, commitEnds.contains(found) else {
            throw ConformanceFailure(
                "A backup: expected the end of a commit at \(backupPosition) or behind, found \(found).")
        }
        try expectEvents(
            try log.readToEndBlocking(EventQuery()), Array(model.events.prefix(Int(found.rawValue))),
            "Reading a backup")
        let report = try Log.verify(at: backupPath, disk: backupDisk)
        if let finding = report.findings.first {
            throw ConformanceFailure("Verifying a backup: expected no finding, found \(finding.reason).")
        }
    }
}
