// The rows that append, each beside a bare file that gets as many bytes a commit.

import Recall
import RecallLog

/// A way to append durably.
enum AppendKind: String, CaseIterable {
    case durableBlocking, durableAsync, durable64Callers, durableBatch

    var eventCount: Int { self == .durableBatch ? 100 : 1 }
    var callerCount: Int { self == .durable64Callers ? 64 : 1 }
    var isBlocking: Bool { self == .durableBlocking || self == .durableBatch }

    var title: String {
        switch self {
        case .durableBlocking: "durable, 1 event a commit, 1 blocking caller"
        case .durableAsync: "durable, 1 event a commit, 1 async caller"
        case .durable64Callers: "durable, 1 event a commit, 64 async callers"
        case .durableBatch: "durable, 100 events a commit, 1 blocking caller"
        }
    }
}

extension Run {
    mutating func measure(_ kind: AppendKind) async throws -> Row {
        let path = "\(directory)/\(kind.rawValue)"
        let log = try open(path, .createOrOpen, .commit)
        let file = try BareFile(path: path + ".bare")
        var workload = workload
        // Warms up, and says how many commits fill a round.
        let warmUpCount = 32 * kind.callerCount
        let warmUp = try await append(
            workload.commits(warmUpCount, eventCount: kind.eventCount), to: log, kind)
        let roundSeconds = seconds / Double(2 * roundCount)
        let commitCount = max(kind.callerCount, Int(Double(warmUpCount) * roundSeconds / warmUp.seconds))
        let frame = [UInt8](repeating: 0x5A, count: Int(try size(of: log).perCommit.rounded()))
        _ = try file.append(frame, count: 32, isSynced: true)
        let pairs = try await Pairs(
            roundCount: roundCount, commitCount: commitCount, eventCount: kind.eventCount,
            log: { try await append(workload.commits($0, eventCount: kind.eventCount), to: log, kind) },
            file: { try file.append(frame, count: $0, isSynced: true) })
        let bytesPerEvent = try size(of: log).perEvent
        try await log.close()
        self.workload = workload
        return pairs.row(kind.rawValue, kind.title, bytesPerEvent: bytesPerEvent)
    }

    private func append(_ commits: [Commit], to log: Log, _ kind: AppendKind) async throws -> Duration {
        let start = ContinuousClock.now
        if kind.isBlocking {
            for commit in commits { _ = try log.appendBlocking(commit) }
        } else if kind.callerCount == 1 {
            for commit in commits { _ = try await log.append(commit) }
        } else {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let callerCount = kind.callerCount
                for caller in 0 ..< callerCount {
                    group.addTask {
                        for index in stride(from: caller, to: commits.count, by: callerCount) {
                            _ = try await log.append(commits[index])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        return start.duration(to: .now)
    }

    /// Writes the events that are read later.
    /// - Returns: the row, and copies of the store as it was while it was open.
    mutating func measureUnsynced() async throws -> (row: Row, copies: [String]) {
        let log = try open(mainStore)
        let file = try BareFile(path: mainStore + ".bare")
        var workload = workload
        let commitCount = eventCount / (roundCount + 1)
        // The first share warms up, with what the rounds leave over.
        for commit in workload.commits(eventCount - roundCount * commitCount, eventCount: 1) {
            _ = try log.appendBlocking(commit)
        }
        let frame = [UInt8](repeating: 0x5A, count: Int(try size(of: log).perCommit.rounded()))
        _ = try file.append(frame, count: 1000, isSynced: false)
        let pairs = try await Pairs(
            roundCount: roundCount, commitCount: commitCount, eventCount: 1,
            log: { count in
                let commits = workload.commits(count, eventCount: 1)
                let start = ContinuousClock.now
                for commit in commits { _ = try log.appendBlocking(commit) }
                return start.duration(to: .now)
            },
            file: { try file.append(frame, count: $0, isSynced: false) })
        let bytesPerEvent = try size(of: log).perEvent
        let copies = try copiesOfMainStore()
        try await log.close()
        self.workload = workload
        let row = pairs.row(
            "systemBlocking", "written, not synced, 1 event a commit", bytesPerEvent: bytesPerEvent)
        return (row, copies)
    }
}
