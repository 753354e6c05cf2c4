// The rows that open: after a clean close, and after a stop like a crash.

import Foundation
import Recall
import RecallLog

extension Run {
    /// Opens the store that was closed, and closes it again, in each round.
    func openAfterClose() throws -> Row {
        try row("openClean", "open after a clean close, \(eventCount) events", unit: "ms") { _ in
            try openedAndClosed(mainStore)
        }
    }

    /// Opens copies of a directory that was copied while the log was open: the tail is not closed and has no
    /// index file, as after a crash of the session that wrote it. Each round has a copy of its own, since a
    /// close mends it.
    func openAfterCrash(_ copies: [String]) throws -> Row {
        let tail = try tailBytes(of: copies.first ?? mainStore)
        let size = String(format: "%.1f", Double(tail) / Double(1 << 20))
        let title = "open after a crash, \(size) MiB of tail"
        return try row("openCrashed", title, unit: "ms", roundCount: copies.count) { round in
            try openedAndClosed(copies[round])
        }
    }

    private func tailBytes(of path: String) throws -> Int {
        let log = try open(path, .readOnly)
        defer { try? log.closeBlocking() }
        return try log.inspect().segments.last?.usedBytes ?? 0
    }

    private func openedAndClosed(_ path: String) throws -> Double {
        let start = ContinuousClock.now
        let log = try open(path, .openExisting)
        let time = start.duration(to: .now)
        let last = try log.lastPositionBlocking().rawValue
        try log.closeBlocking()
        guard last == UInt64(eventCount) else {
            throw WrongResult(description: "Opening \(path) found position \(last) of \(eventCount).")
        }
        return time.seconds * 1000
    }

    /// Copies the directory of an open store once for each round that opens one.
    func copiesOfMainStore() throws -> [String] {
        try (0 ..< min(roundCount, 5)).map { round in
            let copy = "\(directory)/crashed-\(round)"
            try SparseCopy.directory(mainStore, to: copy)
            return copy
        }
    }
}
