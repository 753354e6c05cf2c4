// RocksDB through its C interface: LZ4, a write-ahead log that is synced where the row is durable, and one write batch
// a commit. Events by position in the default column family, their positions by aggregate and version in a second
// one. How it is tuned: `RocksDBOptions`.

import CRocksDB
import Foundation
import RecallBenchmarksKit

/// Events by position, and an index by aggregate.
final class RocksDBStore: BenchmarkStore {
    private static let familyNames: [String] = ["default", "aggregates", "ids"]

    private let options: RocksDBOptions
    private let database: OpaquePointer
    private let families: [OpaquePointer?]
    private let batch: OpaquePointer?
    private let hasUniqueEventIDs: Bool
    /// Goes over what was there when it was made, so an append drops it.
    private var aggregateIterator: OpaquePointer?
    private var nextPosition: UInt64 = 1

    private var events: OpaquePointer? { families[0] }
    private var aggregates: OpaquePointer? { families[1] }
    private var ids: OpaquePointer? { families[2] }

    init(path: String, _ settings: StoreSettings) throws {
        let options = RocksDBOptions(isDurable: settings.isDurable)
        let opened = try Self.open(path, options)
        self.options = options
        hasUniqueEventIDs = settings.hasUniqueEventIDs
        database = opened.database
        families = opened.families
        batch = rocksdb_writebatch_create()
        nextPosition = Self.lastPosition(opened.database, opened.families[0], options) + 1
    }

    private static func open(
        _ path: String, _ options: RocksDBOptions
    ) throws -> (database: OpaquePointer, families: [OpaquePointer?]) {
        let names: [UnsafeMutablePointer<CChar>?] = familyNames.map { name in strdup(name) }
        defer { for name in names { free(name) } }
        let constantNames: [UnsafePointer<CChar>?] = names.map { name in name.map { UnsafePointer($0) } }
        let familyOptions: [OpaquePointer?] = names.map { _ in options.database }
        var handles = [OpaquePointer?](repeating: nil, count: names.count)
        var error: UnsafeMutablePointer<CChar>?
        let opened = rocksdb_open_column_families(
            options.database, path, Int32(names.count), constantNames, familyOptions, &handles, &error)
        defer { rocksdb_free(error) }
        guard let opened, error == nil else { throw StoreFailure(.rocksdb, "open", error) }
        return (opened, handles)
    }

    private static func lastPosition(
        _ database: OpaquePointer, _ events: OpaquePointer?, _ options: RocksDBOptions
    ) -> UInt64 {
        let iterator = rocksdb_create_iterator_cf(database, options.reading, events)
        defer { rocksdb_iter_destroy(iterator) }
        rocksdb_iter_seek_to_last(iterator)
        guard rocksdb_iter_valid(iterator) != 0 else { return 0 }
        return key(of: iterator).loadUnaligned(as: UInt64.self).bigEndian
    }

    func append(_ commits: [[BenchmarkEvent]], limit: Duration?) throws -> Timing {
        dropIterator()
        return try Timing.each(commits, limit: limit) { commit in
            rocksdb_writebatch_clear(batch)
            for event in commit { try add(event) }
            try Self.checked("write") { rocksdb_write(database, options.writing, batch, $0) }
        }
    }

    private func add(_ event: BenchmarkEvent) throws {
        var position = nextPosition.bigEndian
        try withUnsafeBytes(of: &position) { position in
            let byteCount = EventValue.headerByteCount + event.payload.count
            withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { value in
                EventValue.encode(event, into: value)
                put(events, position, UnsafeRawBufferPointer(value))
            }
            withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { key in
                EventValue.encodeKey(aggregate: event.aggregate, version: event.version, into: key)
                put(aggregates, UnsafeRawBufferPointer(key), position)
            }
            guard hasUniqueEventIDs else { return }
            try withUnsafeBytes(of: event.id.uuid) { id in
                let known = try Self.checked("look for an id") { error in
                    rocksdb_get_pinned_cf(
                        database, options.reading, ids, Self.characters(id), id.count, error)
                }
                if known != nil {
                    rocksdb_pinnableslice_destroy(known)
                    throw WrongResult("RocksDB holds an event id of the workload already.")
                }
                put(ids, id, position)
            }
        }
        nextPosition += 1
    }

    private func put(_ family: OpaquePointer?, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
    {
        rocksdb_writebatch_put_cf(
            batch, family, Self.characters(key), key.count, Self.characters(value), value.count)
    }

    func replay() throws -> PayloadSum {
        var sum = PayloadSum()
        let iterator = rocksdb_create_iterator_cf(database, options.scanning, events)
        defer { rocksdb_iter_destroy(iterator) }
        rocksdb_iter_seek_to_first(iterator)
        while rocksdb_iter_valid(iterator) != 0 {
            sum.add(EventValue.payload(Self.value(of: iterator)))
            rocksdb_iter_next(iterator)
        }
        try Self.checked("replay") { rocksdb_iter_get_error(iterator, $0) }
        return sum
    }

    func load(_ aggregate: UUID) throws -> PayloadSum {
        let iterator =
            aggregateIterator ?? rocksdb_create_iterator_cf(database, options.reading, aggregates)
        aggregateIterator = iterator
        var positions: [UInt64] = []
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { key in
            EventValue.encodeKey(aggregate: aggregate, version: 0, into: key)
            rocksdb_iter_seek(iterator, Self.characters(UnsafeRawBufferPointer(key)), key.count)
            while rocksdb_iter_valid(iterator) != 0 {
                guard EventValue.isSameAggregate(Self.key(of: iterator), key) else { break }
                positions.append(Self.value(of: iterator).loadUnaligned(as: UInt64.self))
                rocksdb_iter_next(iterator)
            }
        }
        try Self.checked("read an index") { rocksdb_iter_get_error(iterator, $0) }
        return try sum(of: positions)
    }

    /// Gets many events at once: versions ascend with positions, so the keys are sorted.
    private func sum(of positions: [UInt64]) throws -> PayloadSum {
        var sum = PayloadSum()
        var values = [OpaquePointer?](repeating: nil, count: positions.count)
        var errors = [UnsafeMutablePointer<CChar>?](repeating: nil, count: positions.count)
        let sizes = [Int](repeating: 8, count: positions.count)
        positions.withUnsafeBytes { bytes in
            let first = Self.characters(bytes)
            let keys = positions.indices.map { index in first.map { $0 + 8 * index } }
            rocksdb_batched_multi_get_cf(
                database, options.reading, events, positions.count, keys, sizes, &values, &errors, true)
        }
        for (value, error) in zip(values, errors) {
            if let error { throw StoreFailure(.rocksdb, "get events", error) }
            var byteCount = 0
            let start = rocksdb_pinnableslice_value(value, &byteCount)
            let bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
            sum.add(version: EventValue.version(bytes), EventValue.payload(bytes))
            rocksdb_pinnableslice_destroy(value)
        }
        return sum
    }

    /// Brings everything into its final form, so that reading finds one sorted run and not the write-ahead log.
    func close() throws {
        dropIterator()
        for family in families {
            let flushing = rocksdb_flushoptions_create()
            defer { rocksdb_flushoptions_destroy(flushing) }
            try Self.checked("flush") { rocksdb_flush_cf(database, flushing, family, $0) }
            rocksdb_compact_range_cf(database, family, nil, 0, nil, 0)
            rocksdb_column_family_handle_destroy(family)
        }
        rocksdb_writebatch_destroy(batch)
        rocksdb_close(database)
    }

    private func dropIterator() {
        if let aggregateIterator { rocksdb_iter_destroy(aggregateIterator) }
        aggregateIterator = nil
    }

    private static func key(of iterator: OpaquePointer?) -> UnsafeRawBufferPointer {
        var byteCount = 0
        let start = rocksdb_iter_key(iterator, &byteCount)
        return UnsafeRawBufferPointer(start: start, count: byteCount)
    }

    private static func value(of iterator: OpaquePointer?) -> UnsafeRawBufferPointer {
        var byteCount = 0
        let start = rocksdb_iter_value(iterator, &byteCount)
        return UnsafeRawBufferPointer(start: start, count: byteCount)
    }

    private static func characters(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    }

    @discardableResult
    private static func checked<Result>(
        _ call: String, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) throws -> Result {
        var error: UnsafeMutablePointer<CChar>?
        let result = body(&error)
        guard error == nil else {
            defer { rocksdb_free(error) }
            throw StoreFailure(.rocksdb, call, error)
        }
        return result
    }
}
