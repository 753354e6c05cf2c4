// A commit as the caller's thread makes it ready: checked, its streams listed, its body encoded and
// compressed. What is left for the one writer is to order, place and write it.

package import Recall
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A commit that waits for its place.
package struct PreparedCommit: Sendable {
    package let commit: Commit
    /// As the frame will list them; versions are filled in when it gets its place.
    package let streams: [StreamEntry]
    package let ids: [RawIdentifier]
    package let codec: BodyCodec
    package let rawSize: Int
    package let body: [UInt8]

    /// What the frame takes at most, in bytes.
    package var frameSizeMax: Int {
        Format.frameFixedSize + 90 + streams.count * 56 + ids.count * 16 + body.count
    }

    /// Below this many bytes compression costs more than it saves.
    private static let compressedSizeMin = 64

    /// - Throws: `limitExceeded`, `invalidArgument` or `duplicateEventID`.
    package init(_ commit: Commit, limits: StoreLimits, isCompressing: Bool) throws(StoreError) {
        try limits.check(commit)
        self.commit = commit
        var list = StreamList()
        var indexes: [Int] = []
        indexes.reserveCapacity(commit.events.count)
        for (index, event) in commit.events.enumerated() {
            indexes.append(try list.add(event, at: index))
        }
        streams = list.entries
        ids = commit.events.map { RawIdentifier($0.id.uuid) }
        var raw = ByteWriter(capacity: 128 + commit.events.reduce(0) { $0 + $1.payload.count + 96 })
        CommitBody.encode(commit.events, streamIndexes: indexes, streamTypes: list.types, to: &raw)
        rawSize = raw.count
        var compressed = ByteWriter(capacity: isCompressing ? raw.count : 0)
        if isCompressing, raw.count >= Self.compressedSizeMin,
            raw.withBytes({ LZ4.compress($0, to: &compressed) })
        {
            codec = .lz4
            body = compressed.withBytes { $0.withUnsafeBytes { Array($0) } }
        } else {
            codec = .none
            body = raw.withBytes { $0.withUnsafeBytes { Array($0) } }
        }
    }
}

/// The streams of a commit in the order of their first event, each behind its root.
private struct StreamList {
    private(set) var entries: [StreamEntry] = []
    private(set) var types: [AggregateType] = []
    private var indexByID: [RawIdentifier: Int] = [:]

    /// Counts an event in.
    /// - Returns: the index of its stream.
    mutating func add(_ event: NewEvent, at index: Int) throws(StoreError) -> Int {
        let id = RawIdentifier(event.aggregateID.uuid)
        let rootID = RawIdentifier(event.rootID.uuid)
        if rootID == id {
            let stream = list(id, root: 0)
            guard entries[stream].root == 0 else { throw Self.nested(event, index) }
            count(stream, at: index, event.aggregateType)
            return stream
        }
        let root = list(rootID, root: 0)
        guard entries[root].root == 0 else { throw Self.nested(event, index) }
        let stream = list(id, root: root + 1)
        guard entries[stream].root == root + 1 else { throw Self.nested(event, index) }
        count(stream, at: index, event.aggregateType)
        entries[root].lastIndex = index
        return stream
    }

    private mutating func list(_ id: RawIdentifier, root: Int) -> Int {
        // Most commits have one stream, and then no dictionary is made.
        if let first = entries.first, first.id == id { return 0 }
        if let known = indexByID[id] { return known }
        entries.append(StreamEntry(id: id, root: root, previousVersion: 0, eventCount: 0, lastIndex: 0))
        types.append("")
        if entries.count > 1 { indexByID[id] = entries.count - 1 }
        return entries.count - 1
    }

    private mutating func count(_ stream: Int, at index: Int, _ type: AggregateType) {
        entries[stream].eventCount += 1
        entries[stream].lastIndex = index
        types[stream] = type
    }

    private static func nested(_ event: NewEvent, _ index: Int) -> StoreError {
        StoreError(
            .invalidArgument,
            "Event \(index) of the commit gives entity \(event.aggregateID) the root \(event.rootID), and another event of the commit contradicts that; nothing was written: give all entities of a graph its one root."
        )
    }
}
