// Snapshots in Memcached. They are a cache of what the events say, in a cache that loses what it likes: whatever goes wrong with a
// server is a snapshot that is missing and a line for the operator, never an error.
//
// How the newest is kept: the item is read with its token (`gets`) and replaced only if it is that very one still (`cas`),
// or added only if there is none, so that of two writers the one with the lower position cannot win.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
public import Recall

/// Keeps snapshots on servers of Memcached.
///
/// A server that is down, slow or full, and a value that is damaged or somebody else's, is a missing snapshot and a line in the log
/// (once in `logInterval`), never an error: the events are replayed then. Nothing is durable, ever.
///
/// A snapshot that does not fit into an item is divided among several, which may be lost separately: then it is
/// missing. Blocking calls are made on threads of the store's own.
public final class MemcachedSnapshotStore: SnapshotStore {
    private let configuration: MemcachedConfiguration
    private let clients: MemcachedClients
    private let log: QuietLog

    /// A store on some servers. None of them is asked yet.
    /// - Throws: `invalidArgument` where a choice makes no sense; `unavailable` where the system has no thread or memory to give.
    public init(_ configuration: MemcachedConfiguration) throws(StoreError) {
        try configuration.check()
        self.configuration = configuration
        clients = try MemcachedClients(configuration)
        log = QuietLog(configuration)
    }

    /// Keeps a snapshot in place of an older one, as long as the servers have room. Nothing is durable on return, and where a
    /// server fails nothing is kept.
    /// - Throws: `limitExceeded` for a payload of more than `payloadBytesMax` or a type of more than 255 bytes; nothing else.
    public func save(_ snapshot: Snapshot) async throws(StoreError) {
        guard snapshot.payload.count <= configuration.payloadBytesMax else {
            throw StoreError(
                .limitExceeded,
                "The snapshot of \(snapshot.aggregateID) has \(snapshot.payload.count) bytes, and \(configuration.payloadBytesMax) are allowed: raise payloadBytesMax, or keep large aggregates elsewhere."
            )
        }
        let typeSize = snapshot.aggregateType.rawValue.utf8.count
        guard typeSize <= StoreLimits.standard.nameBytesMax else {
            throw StoreError(
                .limitExceeded,
                "The aggregate type of the snapshot of \(snapshot.aggregateID) has \(typeSize) bytes, and 255 are allowed: give it a shorter name."
            )
        }
        await attempt("keep the snapshot of \(snapshot.aggregateID)") {
            [self] client throws(MemcachedFailure) in
            try put(snapshot, client)
        }
    }

    /// The newest snapshot of an aggregate that the servers still have; nil where none has one that holds. Never fails.
    public func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot? {
        let found = await attempt("look for the snapshot of \(aggregate)") {
            [self] client throws(MemcachedFailure) in
            try get(aggregate, client)
        }
        return found ?? nil
    }

    /// Forgets the snapshot of an aggregate. Never fails: where its server is down the snapshot may still be there when that
    /// comes back.
    public func remove(_ aggregate: AggregateID) async throws(StoreError) {
        let key = key(of: aggregate)
        await attempt("remove the snapshot of \(aggregate)") { [self] client throws(MemcachedFailure) in
            let value = try client.get(key).flatMap { decoded($0, of: aggregate) }
            try client.delete(key)
            if let parts = value?.parts { forget(parts, of: key, client) }
        }
    }

    @discardableResult
    private func attempt<Value: Sendable>(
        _ what: String,
        _ body: @escaping @Sendable (MemcachedClient) throws(MemcachedFailure) -> Value
    ) async -> Value? {
        do throws(MemcachedFailure) {
            return try await clients.run(body)
        } catch {
            let text = error.text
            log.warning(
                error.isTooLarge
                    ? "Memcached could not \(what), which is too large for its items: set itemBytesMax to what the servers' option -I says. \(text)"
                    : "Memcached could not \(what); the events are replayed instead: \(text)")
            return nil
        }
    }

    // MARK: On a thread that may block

    private func key(of aggregate: AggregateID) -> String { "\(configuration.namespace):\(aggregate)" }

    private func key(_ key: String, _ parts: SnapshotValue.Parts, _ index: Int) -> String {
        "\(key):\(String(parts.id, radix: 16)):\(index)"
    }

    private func decoded(_ item: MemcachedItem, of aggregate: AggregateID) -> SnapshotValue? {
        let value = SnapshotValue(
            decoding: item.value, of: aggregate, payloadBytesMax: configuration.payloadBytesMax)
        if value == nil {
            log.warning(
                "What Memcached has under \(key(of: aggregate)) is no snapshot of this version, or damaged; it is not used"
            )
        }
        return value
    }

    private func get(
        _ aggregate: AggregateID, _ client: MemcachedClient
    ) throws(MemcachedFailure) -> Snapshot? {
        let key = key(of: aggregate)
        guard let item = try client.get(key), var value = decoded(item, of: aggregate) else {
            return nil
        }
        guard let parts = value.parts else { return value.snapshot }
        var payload = Data()
        payload.reserveCapacity(parts.payloadSize)
        for index in 0 ..< parts.count {
            let partKey = self.key(key, parts, index)
            // One after the other: together they could fill the sockets' buffers on both sides.
            guard let part = try client.get(partKey)?.value, part.count == parts.range(index).count
            else { return nil }
            payload.append(part)
        }
        guard payload.withUnsafeBytes({ CRC32C.checksum($0) }) == parts.checksum else { return nil }
        value.snapshot.payload = payload
        return value.snapshot
    }

    private func put(_ snapshot: Snapshot, _ client: MemcachedClient) throws(MemcachedFailure) {
        let key = key(of: snapshot.aggregateID)
        var value = SnapshotValue(snapshot)
        // With the longest type, so that whether a payload is divided does not depend on it.
        if SnapshotValue.headerSize + 255 + snapshot.payload.count > configuration.partBytesMax {
            value.parts = try putParts(of: snapshot, key, client)
            value.snapshot.payload = Data()
        }
        do throws(MemcachedFailure) {
            let outdated = try putHead(value, key, client)
            if let outdated { forget(outdated, of: key, client) }
        } catch {
            if let parts = value.parts { forget(parts, of: key, client) }
            throw error
        }
    }

    /// Keeps the item that says what the snapshot is, unless one of a higher position is there.
    /// - Returns: parts that nobody needs any more: the older snapshot's, or this one's own where it was left out.
    private func putHead(
        _ value: SnapshotValue, _ key: String, _ client: MemcachedClient
    ) throws(MemcachedFailure) -> SnapshotValue.Parts? {
        let bytes = value.encoded()
        for _ in 0 ..< 1_000 {
            let item = try client.get(key)
            let before = item.flatMap { decoded($0, of: value.snapshot.aggregateID) }
            if let before, before.snapshot.position > value.snapshot.position { return value.parts }
            let outcome = try client.replace(
                key, bytes, token: item?.token, expirySeconds: configuration.expirySeconds)
            if case .stored = outcome { return before?.parts }
            // Whoever was faster has made progress, so this ends.
        }
        throw MemcachedFailure(text: "others changed it a thousand times meanwhile")
    }

    private func putParts(
        of snapshot: Snapshot, _ key: String, _ client: MemcachedClient
    ) throws(MemcachedFailure) -> SnapshotValue.Parts {
        let payload = snapshot.payload
        let parts = SnapshotValue.Parts(
            id: UInt64.random(in: .min ... .max), payloadSize: payload.count,
            partSize: configuration.partBytesMax, checksum: payload.withUnsafeBytes { CRC32C.checksum($0) })
        do throws(MemcachedFailure) {
            for index in 0 ..< parts.count {
                let range = parts.range(index)
                let start = payload.startIndex + range.lowerBound
                try client.set(
                    self.key(key, parts, index), payload[start ..< start + range.count],
                    expirySeconds: configuration.expirySeconds)
            }
        } catch {
            forget(parts, of: key, client)
            throw error
        }
        return parts
    }

    /// Gives the room of parts back, as far as that can be done: what is left goes when the server needs the room.
    private func forget(_ parts: SnapshotValue.Parts, of key: String, _ client: MemcachedClient) {
        for index in 0 ..< parts.count {
            do { try client.delete(self.key(key, parts, index)) } catch { return }
        }
    }
}
