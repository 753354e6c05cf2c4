// A commit on its way through the queue: what its caller made ready, what the writer answers, and who waits. These
// objects are used again, so that an append allocates nothing of its own.

package import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A commit from its preparation to its outcome.
///
/// `@unchecked Sendable`: it has one owner at a time. Its caller prepares it; between `enter` and the moment when the
/// queue says that it is finished, under the queue's lock, the one writer has it; then the caller again.
package final class PendingCommit: @unchecked Sendable {
    package private(set) var commit = Commit(events: [])
    package private(set) var ids: [RawIdentifier] = []
    package var streams = StreamList()
    package var body = PreparedBody()
    package var outcome: Result<CommitReceipt, StoreError>?
    /// Guarded by the queue's lock, like the two below.
    var continuation: UnsafeContinuation<Void, Never>?
    var isFinished = false
    /// What it counts for in the queue's limit, in bytes.
    var admittedBytes = 0

    package init() {}

    /// Takes a commit in: checks it, lists its streams, encodes and compresses its body. Nothing that the writer
    /// assigns is in there, so callers do this beside each other.
    /// - Throws: `limitExceeded`, `invalidArgument` or `duplicateEventID`.
    package func prepare(
        _ commit: Commit, limits: StoreLimits, isCompressing: Bool, _ dictionary: PreparedDictionary?,
        effort: PreparedDictionary.Effort
    ) throws(StoreError) {
        try limits.check(commit)
        for event in commit.events { ids.append(RawIdentifier(event.id.uuid)) }
        try streams.add(commit.events)
        body.encode(commit.events, streams)
        if isCompressing { body.compress(dictionary, effort: effort) }
        self.commit = commit
    }

    /// Whether it has one event, of a stream that is its own root.
    package var isSimple: Bool {
        CommitHeader.isSimple(eventCount: ids.count, streamCount: streams.entries.count)
    }

    /// What the frame takes at most, in bytes, however the body will be compressed.
    package var frameSizeMax: Int {
        Format.commitHeadSizeMax + streams.entries.count * StreamEntry.sizeMax
            + commit.events.count * PackedEventID.sizeMax + body.rawSize
    }

    /// Makes it ready for the next commit.
    func removeAll() {
        commit = Commit(events: [])
        ids.removeAll(keepingCapacity: true)
        streams.removeAll()
        body.removeAll()
        outcome = nil
        continuation = nil
        isFinished = false
    }
}
