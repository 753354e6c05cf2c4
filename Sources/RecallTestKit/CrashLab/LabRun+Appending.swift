// Commits of every kind, alone and in groups, and what the store may answer: what the model does, or that it
// does not know, after which it takes no more until it is opened again.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog

extension LabRun {
    typealias Answer = Result<CommitReceipt, StoreError>

    func appendOne() throws { try append([nextCommit()]) }

    func appendGroup() throws {
        let commits = (0 ..< number(in: 2 ..< 9)).map { _ in nextCommit() }
        if !isTroubled, chance(15) {
            // Between the write and the sync, as a rule.
            isTroubled = true
            disk.stop(afterMutation: disk.mutationCount + (chance(70) ? 1 : number(in: 0 ..< 6)))
            note("the power will fail in the next group")
        }
        try append(commits)
    }

    /// Appends a commit, or several as one group.
    func append(_ commits: [Commit]) throws {
        let log = try opened()
        if let only = commits.first, commits.count == 1 {
            try check(commits) { [Result { () throws(StoreError) in try log.appendBlocking(only) }] }
        } else {
            statistics.groupCount += 1
            try check(commits) { () throws(StoreError) in try log.appendTogetherBlocking(commits) }
        }
    }

    /// More than the limits allow, or more than a segment holds.
    func appendOversized() throws {
        var commit = workload.nextCommit(after: model)
        guard !commit.events.isEmpty else { return }
        commit.events[0].payload = .init(
            repeating: 7, count: chance(50) ? LabSettings.limits.payloadBytesMax + 1 : 40 << 10)
        if chance(50) {
            // A commit that every limit allows, and the segment does not.
            for _ in 0 ..< settings.segmentBytesMax / (40 << 10) + 1 {
                var event = commit.events[0]
                event.id = EventID(using: &generator)
                commit.events.append(event)
            }
        }
        try append([commit])
    }

    private func nextCommit() -> Commit {
        // Who was not answered tries again, with one of several or all of them.
        if !lost.isEmpty, chance(50) { return lost.removeFirst() }
        var commit = workload.nextCommit(after: model)
        if chance(8), !commit.events.isEmpty, model.outcomeWithoutWriting(of: commit) == nil {
            // Large and dense, so that short lives fill segments.
            commit.events[0].payload = noise(count: number(in: 4_000 ..< 30_000))
        } else if chance(3), !commit.events.isEmpty, model.outcomeWithoutWriting(of: commit) == nil {
            commit.events[0].payload = quotation()
        }
        return commit
    }

    /// Bytes that do not compress.
    func noise(count: Int) -> Data {
        let start = generator.next()
        return Data(
            (0 ..< UInt64(count)).map { index in
                let mixed = (start &+ index) &* 0x9E37_79B9_7F4A_7C15
                return UInt8(truncatingIfNeeded: mixed ^ mixed >> 32)
            })
    }

    /// Bytes of the store itself as a payload: frames that stand where none may be believed.
    private func quotation() -> Data {
        let path = settings.isSingleFile ? settings.path : "\(settings.path)/segments/0000000001.segment"
        let bytes = disk.contents(of: path) ?? []
        let start = number(in: 0 ..< max(1, min(bytes.count, settings.isSingleFile ? 100_000 : 20_000)))
        return .init(bytes.dropFirst(start).prefix(1_500))
    }

    // MARK: Answers

    /// Appends, and holds the answers against the model's.
    private func check(_ commits: [Commit], _ append: () throws(StoreError) -> [Answer]) throws {
        let time = clock.now
        let operationCount = disk.operationCount
        let answers = try append()
        var outcomes: [String] = []
        for (commit, answer) in zip(commits, answers) {
            outcomes.append(try check(answer, to: commit, at: time))
        }
        note(
            "\(commits.count == 1 ? "append" : "append together") \(commits.map(\.short).joined(separator: ", ")): \(outcomes.joined(separator: ", "))"
        )
        if answers.contains(where: { !isAnswer($0) }) {
            try checkLatch(since: operationCount)
        } else if isLatched {
            guard answers.allSatisfy({ if case .success = $0 { false } else { true } }) else {
                throw ConformanceFailure(
                    "An append to a latched log: expected it to be refused, found a receipt.")
            }
        }
        try noteVisible()
    }

    private func isAnswer(_ answer: Answer) -> Bool {
        switch answer {
        case .success: true
        case .failure(let error): Self.refusals.contains(error.code)
        }
    }

    private static let refusals: Set<StoreError.Code> = [
        .conflict, .eventIDReused, .duplicateEventID, .invalidArgument, .limitExceeded,
    ]

    private func check(_ answer: Answer, to commit: Commit, at time: Timestamp) throws -> String {
        let found: ReferenceModel.Outcome
        switch answer {
        case .success(let receipt): found = .stored(receipt)
        case .failure(let error) where Self.refusals.contains(error.code): found = .refused(error.code)
        case .failure(let error):
            if !isTroubled {
                throw ConformanceFailure("An append: expected an answer, for nothing failed, found \(error).")
            }
            if error.code != .latched {
                unanswered.append((commit, time))
                statistics.unansweredCommitCount += 1
            }
            return error.code.rawValue
        }
        // Nothing is known then but what the commit alone tells.
        if isLatched, case .refused = found { return "refused" }
        let expected = refusalByLimits(of: commit, found) ?? model.append(commit, time: time)
        try expectEqual(found, expected, "The answer to \(commit.short)")
        switch found {
        case .stored(let receipt) where !receipt.wasStoredBefore:
            // What was not answered before this one was not stored.
            unanswered = []
            noteCommitEnd()
            if settings.isSynced { durablePosition = model.lastPosition }
            statistics.acknowledgedCommitCount += 1
            statistics.acknowledgedEventCount += commit.events.count
            return "stored at \(receipt.firstPosition)"
        case .stored(let receipt):
            statistics.answeredWithoutWritingCount += 1
            return "was stored at \(receipt.firstPosition)"
        case .refused(let code):
            statistics.answeredWithoutWritingCount += 1
            return code.rawValue
        }
    }

    private func refusalByLimits(
        of commit: Commit, _ found: ReferenceModel.Outcome
    ) -> ReferenceModel.Outcome? {
        do throws(StoreError) { try LabSettings.limits.check(commit) } catch { return .refused(error.code) }
        if let outcome = model.outcomeWithoutWriting(of: commit) { return outcome }
        let size = commit.events.reduce(0) { $0 + $1.payload.count }
        if size >= settings.segmentBytesMax { return .refused(.limitExceeded) }
        // What stands beside the payloads decides, which is the store's own matter.
        return size > settings.segmentBytesMax / 2 && found == .refused(.limitExceeded) ? found : nil
    }

    // MARK: Latching

    /// After a failed change to the segments the log must refuse whatever comes. What is cut off is kept in a file that is no part of the
    /// store, before anything is written over it: where that fails the next append tries again.
    private func checkLatch(since operationCount: Int) throws {
        let calls = disk.trace.suffix(max(0, disk.operationCount - operationCount))
        let failed = calls.first {
            // In a single file everything shares the one that failed.
            $0.errorNumber != 0 && $0.kind.isMutation
                && (settings.isSingleFile ? $0.path == settings.path : $0.path.contains("/segments/"))
        }
        guard !disk.isStopped, failed != nil, !isLatched else { return }
        isLatched = true
        statistics.latchCount += 1
        let event = NewEvent(
            id: EventID(using: &generator), aggregateID: AggregateID(number: 100), aggregateType: "Company",
            type: "Late", payload: Data())
        do throws(StoreError) {
            _ = try opened().appendBlocking(Commit(events: [event]))
        } catch {
            if error.code == .latched { return }
            throw ConformanceFailure(
                "An append after a failed write or sync: expected latched, found \(error).")
        }
        throw ConformanceFailure("An append after a failed write or sync: expected latched, found a receipt.")
    }

    /// What a reader can see now has to last.
    func noteVisible() throws {
        if disk.isStopped, log == nil { return }
        let visible = try opened().lastPositionBlocking()
        if visible == model.lastPosition { return }
        var ends: [Position] = []
        var other = model
        for (commit, time) in unanswered {
            _ = other.append(commit, time: time)
            ends.append(other.lastPosition)
        }
        guard visible > model.lastPosition, ends.contains(visible) else {
            throw ConformanceFailure(
                "What readers see: expected everything up to \(model.lastPosition) and at most whole commits beyond, to one of \(ends), found \(visible)."
            )
        }
        seenPosition = max(seenPosition, visible)
    }

    // MARK: The ends of commits

    func noteCommitEnd() { commitEnds.insert(model.lastPosition) }

    func forgetCommits(after position: Position) {
        model.forget(after: position)
        commitEnds = commitEnds.filter { $0 <= position }
    }

    /// What is owed to the disk is synced, as the interval's thread does.
    func syncOwed() throws {
        try opened().syncOwed()
        note("what is owed is synced")
        if !isTroubled { durablePosition = model.lastPosition }
    }
}

extension Commit {
    /// What a trace needs to know of a commit.
    fileprivate var short: String {
        let size = events.reduce(0) { $0 + $1.payload.count }
        return "\(events.count) events of \(size) bytes"
    }
}
