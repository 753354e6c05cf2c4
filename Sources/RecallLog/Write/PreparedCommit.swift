// A commit as its caller makes it ready: checked, its streams listed, its body encoded and compressed. Nothing that
// the writer assigns is in there, so callers do this beside each other. Its memory is kept from commit to commit.

package import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A commit that waits for its place.
package struct PreparedCommit: ~Copyable {
    private var held: Commit?
    package private(set) var ids: [RawIdentifier] = []
    package var streams = StreamList()
    package var body = PreparedBody()

    package init() {}

    /// What the caller asked for.
    package var commit: Commit { held ?? Commit(events: []) }

    /// Whether it expects anything of what is stored.
    package var hasExpectations: Bool {
        guard let held else { return false }
        return !held.expectedVersions.isEmpty || !held.expectedGraphPositions.isEmpty
    }

    /// Takes a commit in.
    /// - Throws: `limitExceeded`, `invalidArgument` or `duplicateEventID`.
    package mutating func prepare(
        _ commit: Commit, limits: StoreLimits, isCompressing: Bool, _ dictionary: PreparedDictionary?,
        effort: PreparedDictionary.Effort
    ) throws(StoreError) {
        try limits.check(commit)
        for index in commit.events.indices { ids.append(RawIdentifier(commit.events[index].id.uuid)) }
        try streams.add(commit.events)
        body.encode(commit.events, streams)
        if isCompressing { body.compress(dictionary, effort: effort) }
        held = commit
    }

    /// Makes it ready for the next commit.
    package mutating func removeAll() {
        held = nil
        ids.removeEach()
        streams.removeAll()
        body.removeAll()
    }

    /// Whether its frame takes the short form.
    package var isSimple: Bool {
        CommitHeader.isSimple(eventCount: ids.count, streamCount: streams.entries.count)
    }

    /// What the frame takes at most, in bytes, however the body will be compressed.
    package var frameSizeMax: Int {
        Format.commitHeadSizeMax + streams.entries.count * StreamEntry.sizeMax
            + ids.count * PackedEventID.sizeMax + body.rawSize
    }

    /// What its caller is told once it is stored.
    package func receipt(firstPosition: UInt64) -> CommitReceipt {
        CommitReceipt(
            firstPosition: Position(firstPosition),
            lastPosition: Position(firstPosition + UInt64(ids.count) - 1), streams: versions,
            wasStoredBefore: false)
    }

    private var versions: StreamVersions {
        if streams.entries.count == 1 {
            let only = streams.entries[0]
            return StreamVersions(AggregateID(only.id.uuid), Version(only.version))
        }
        return StreamVersions(
            streams.entries.lazy.filter { $0.eventCount > 0 }
                .map { (id: AggregateID($0.id.uuid), version: Version($0.version)) })
    }
}
