// One contestant of a row that appends durably: a store or the bare file, behind one call.

import RecallBenchmarksKit

/// Appends commits in the way of a row.
final class Appender {
    let name: StoreName
    let callerCount: Int
    private let isBlocking: Bool
    private let store: (any BenchmarkStore)?
    private let file: BareFile?

    init(_ name: StoreName, at path: String, _ settings: StoreSettings, _ kind: DurableRow) throws {
        self.name = name
        // The others have one caller that blocks, whatever the row.
        let isRecall = StoreName.layouts.contains(name)
        callerCount = isRecall ? kind.callerCount : 1
        isBlocking = !isRecall || kind.isBlocking
        store = try name.open(at: path, settings)
        file = store == nil ? try BareFile(path: path) : nil
    }

    /// Appends each item as one commit, and begins no other one after `limit`.
    func append(_ commits: [[BenchmarkEvent]], limit: Duration) async throws -> Timing {
        if !isBlocking, let recall = store as? RecallStore {
            return try await recall.append(commits, callerCount: callerCount, limit: limit)
        }
        if let store { return try store.append(commits, limit: limit) }
        guard let file else { throw WrongResult("\(name.title) has neither a store nor a file.") }
        return try file.append(commits.map(BareFile.bytes), isSynced: true, limit: limit)
    }

    func close() throws { try store?.close() }
}
