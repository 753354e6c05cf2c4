// Reading in every way, held against the model: by the writer's process and by one beside it, and the checker that
// reads each byte.

internal import Recall
internal import RecallLog

extension LabRun {
    /// What readers may see: what was acknowledged, and what they have seen beyond that.
    private func visibleModel() throws -> ReferenceModel {
        let visible = try opened().lastPositionBlocking()
        guard visible > model.lastPosition else { return model }
        var other = model
        for (commit, time) in unanswered where other.lastPosition < visible {
            _ = other.append(commit, time: time)
        }
        return other
    }

    /// A random query.
    func compareSomething() throws {
        guard isReadable else { return }
        let query = workload.nextQuery(over: model)
        note("read \(query.brief)")
        try excusingFaults("Reading") {
            try compare(query, with: try opened(), visibleModel())
        }
    }

    /// Everything, forwards and backwards, each stream, each graph and each status.
    func compareEverything() throws {
        guard isReadable else { return }
        note("read everything")
        try excusingFaults("Reading everything") {
            let (log, model) = (try opened(), try visibleModel())
            try compare(EventQuery(), with: log, model)
            try compare(EventQuery(direction: .backwards), with: log, model)
            for id in Set(model.events.map(\.aggregateID)).union(model.events.map(\.rootID)).sorted(by: <) {
                try compare(EventQuery(.aggregate(id)), with: log, model)
                try compare(EventQuery(.graph(id), direction: .backwards), with: log, model)
                let found = try log.statusBlocking(of: id)
                try expectEqual(found, model.status(of: id), "The status of \(id)")
            }
        }
    }

    private func compare(_ query: EventQuery, with log: Log, _ model: ReferenceModel) throws {
        statistics.readCount += 1
        try expectEvents(try log.readToEndBlocking(query), model.events(query), "Reading \(query.brief)")
    }

    /// Where a fault is planned, reading may fail, but never give anything wrong.
    func excusingFaults(_ what: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as StoreError {
            guard isTroubled, error.code != .damaged else {
                throw ConformanceFailure("\(what): expected success, found \(error).")
            }
            note("failed: \(error.code.rawValue)")
        }
    }

    // MARK: Beside the writer

    /// Lets a log beside the writer catch up.
    func follow() throws {
        guard isReadable else { return }
        try excusingFaults("Following") {
            if follower == nil {
                follower = try Log.openBlocking(
                    at: settings.path, access: .readOnly, configuration: configuration, disk: disk)
                followedPosition = 0
                note("a reader begins to follow")
            }
            guard let follower else { return }
            let found = try follower.lastPositionBlocking()
            let published = try opened().lastPositionBlocking()
            note("followed up to \(found)")
            guard found >= followedPosition, found <= published, isTroubled || found == published else {
                throw ConformanceFailure(
                    "Following from \(followedPosition): expected all up to \(published), found \(found).")
            }
            let news = try follower.readToEndBlocking(
                EventQuery(positions: followedPosition.next ... max(found, followedPosition.next)))
            let expected = try visibleModel().events[Int(followedPosition.rawValue) ..< Int(found.rawValue)]
            try expectEvents(news, Array(expected), "Following from \(followedPosition)")
            followedPosition = found
            if chance(30) {
                try compare(workload.nextQuery(over: model), with: follower, try visibleModel(upTo: found))
            }
        }
    }

    private func visibleModel(upTo position: Position) throws -> ReferenceModel {
        var other = try visibleModel()
        if other.lastPosition > position { other.forget(after: position) }
        return other
    }

    // MARK: Verifying

    /// Lets the checker that `recall verify` uses look at each byte.
    func verify() throws {
        statistics.verificationCount += 1
        let report = try Log.verify(at: settings.path, disk: disk, sabotages: configuration.sabotages)
        if let finding = report.findings.first(where: { !isOfFailedWrite($0) }) {
            throw ConformanceFailure(
                "Verifying: expected no finding, found \(report.findings.count), the first in segment \(finding.segment.map { "\($0)" } ?? "-") at \(finding.offset.map { "\($0)" } ?? "-"): \(finding.reason)."
            )
        }
    }

    /// Whether a write that failed half-way explains a finding: one of the two superblocks of a single file, of which the other holds.
    /// Nothing else is written over.
    private func isOfFailedWrite(_ finding: VerificationFinding) -> Bool {
        mayHoldTornSuperblock && finding.subject == .superblock
    }
}

extension Log {
    /// Every event that a query asks for, read page by page.
    func readToEndBlocking(_ query: EventQuery) throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = query
        while let current = next {
            let page = try readBlocking(current)
            guard page.events.count <= query.pageEventCountMax, page.next != current else {
                throw ConformanceFailure("Reading \(query.brief): expected pages as asked for that move on.")
            }
            events += page.events
            next = page.next
        }
        return events
    }
}
