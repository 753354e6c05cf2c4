// The rows that open: after a clean close, and after a stop like a crash.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

extension Run {
    /// Opens the stores that were closed, and closes them again, in each round.
    func openAfterClose() async throws -> Row {
        let contest = try await Contest(
            roundCount: roundCount,
            StoreName.layouts.map { name in .init(name) { _ in try openedAndClosed(mainStore(name)) } })
        return Row(
            name: "openClean", title: "open after a clean close", unit: "ms", values: contest.medians,
            roundCount: roundCount)
    }

    /// Opens copies of a directory that was copied while the log was open: the tail is not closed and has no
    /// index file, as after a crash of the session that wrote it. Each round has a copy of its own, since a
    /// close mends it.
    func openAfterCrash(_ copies: [String]) throws -> Row {
        let tail = try tailBytes(of: copies.first ?? mainStore(.recall))
        let title = "open after a crash, \(Figure(Double(tail) / Double(1 << 20), placeCount: 1)) MiB of tail"
        return try row("openCrashed", title, unit: "ms", roundCount: copies.count) { round in
            try openedAndClosed(copies[round])
        }
    }

    /// Copies the directory of an open store once for each round that opens one.
    func copiesOfMainStore() throws -> [String] {
        try (0 ..< min(roundCount, 5)).map { round in
            let copy = "\(directory)/crashed-\(round)"
            try SparseCopy.directory(mainStore(.recall), to: copy)
            return copy
        }
    }

    private func tailBytes(of path: String) throws -> Int {
        let store = try RecallStore(path: path, isDurable: false, access: .readOnly)
        defer { try? store.close() }
        return try store.log.inspect().segments.last?.usedBytes ?? 0
    }

    private func openedAndClosed(_ path: String) throws -> Double {
        let start = ContinuousClock.now
        let store = try RecallStore(path: path, isDurable: false, access: .openExisting)
        let time = start.duration(to: .now)
        let last = try store.log.lastPositionBlocking().rawValue
        try store.close()
        guard last == UInt64(eventCount) else {
            throw WrongResult("Opening \(path) found position \(last) of \(eventCount).")
        }
        return time.seconds * 1000
    }
}
