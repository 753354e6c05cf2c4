// LMDB, set up as its documentation says for values that are written in order of their keys: an integer key with
// MDB_APPEND, values reserved in place, a map that is written to (MDB_WRITEMAP), no thread-local reader slots, and
// MDB_NOSYNC where nothing is promised. Two ways to find an aggregate, both measured: Benchmarks/README.md.

import CLMDB
import Foundation
import RecallBenchmarksKit

/// Events by position, and an index by aggregate.
final class LMDBStore: BenchmarkStore {
    /// What the index holds for each event of an aggregate.
    enum Index {
        /// Its position, as one of many values of the aggregate's key (MDB_DUPSORT, MDB_DUPFIXED): small.
        case positions
        /// The event itself a second time, by aggregate and version: loads read neighbours, appends write double.
        case copies
    }

    private let environment: OpaquePointer
    private let index: Index
    private let hasUniqueEventIDs: Bool
    private var events: MDB_dbi = 0
    private var aggregates: MDB_dbi = 0
    private var ids: MDB_dbi = 0
    private var nextPosition = 1
    private let key = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 8)

    init(path: String, _ settings: StoreSettings, index: Index) throws {
        self.index = index
        hasUniqueEventIDs = settings.hasUniqueEventIDs
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var handle: OpaquePointer?
        try Self.check(mdb_env_create(&handle), "start")
        guard let handle else { throw StoreFailure(.lmdb, "start", nil) }
        environment = handle
        try Self.check(mdb_env_set_mapsize(environment, 32 << 30), "reserve addresses")
        try Self.check(mdb_env_set_maxdbs(environment, 3), "allow databases")
        let flags = MDB_NOTLS | MDB_WRITEMAP | (settings.isDurable ? 0 : MDB_NOSYNC)
        try Self.check(mdb_env_open(environment, path, UInt32(flags), 0o600), "open")
        try transaction { transaction in
            let isDuplicated = index == .positions
            let indexFlags = isDuplicated ? MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERDUP : 0
            func open(_ name: String, _ flags: Int32, _ database: inout MDB_dbi) throws {
                try Self.check(
                    mdb_dbi_open(transaction, name, UInt32(flags | MDB_CREATE), &database), "open \(name)")
            }
            try open("events", MDB_INTEGERKEY, &events)
            try open("aggregates", indexFlags, &aggregates)
            if hasUniqueEventIDs { try open("ids", 0, &ids) }
            var statistics = MDB_stat()
            try Self.check(mdb_stat(transaction, events, &statistics), "count")
            nextPosition = statistics.ms_entries + 1
        }
    }

    deinit { key.deallocate() }

    func append(_ commits: [[BenchmarkEvent]], limit: Duration?) throws -> Timing {
        try Timing.each(commits, limit: limit) { events in
            try transaction { transaction in
                for event in events { try append(event, in: transaction) }
            }
        }
    }

    private func append(_ event: BenchmarkEvent, in transaction: OpaquePointer) throws {
        let byteCount = EventValue.headerByteCount + event.payload.count
        var position = nextPosition
        try withUnsafeMutableBytes(of: &position) { position in
            var positionValue = Self.value(position)
            var value = MDB_val(mv_size: byteCount, mv_data: nil)
            let flags = UInt32(MDB_APPEND | MDB_RESERVE)
            try Self.check(mdb_put(transaction, events, &positionValue, &value, flags), "append")
            EventValue.encode(
                event, into: UnsafeMutableRawBufferPointer(start: value.mv_data, count: byteCount))
            EventValue.encodeKey(aggregate: event.aggregate, version: event.version, into: key)
            switch index {
            case .positions:
                var aggregate = MDB_val(mv_size: 16, mv_data: key.baseAddress)
                // In order for each aggregate, so each goes behind the last.
                try Self.check(
                    mdb_put(transaction, aggregates, &aggregate, &positionValue, UInt32(MDB_APPENDDUP)),
                    "index")
            case .copies:
                var aggregate = Self.value(key)
                var copy = MDB_val(mv_size: byteCount, mv_data: nil)
                let flags = UInt32(MDB_NOOVERWRITE | MDB_RESERVE)
                try Self.check(mdb_put(transaction, aggregates, &aggregate, &copy, flags), "index")
                EventValue.encode(
                    event, into: UnsafeMutableRawBufferPointer(start: copy.mv_data, count: byteCount))
            }
            if hasUniqueEventIDs {
                var id = event.id.uuid
                try withUnsafeMutableBytes(of: &id) { id in
                    var idValue = Self.value(id)
                    try Self.check(
                        mdb_put(transaction, ids, &idValue, &positionValue, UInt32(MDB_NOOVERWRITE)),
                        "index an id")
                }
            }
        }
        nextPosition += 1
    }

    func replay() throws -> PayloadSum {
        var sum = PayloadSum()
        try transaction(UInt32(MDB_RDONLY)) { transaction in
            try forEach(in: events, transaction, from: nil, step: MDB_NEXT) { _, value in
                sum.add(EventValue.payload(value))
                return true
            }
        }
        return sum
    }

    func load(_ aggregate: UUID) throws -> PayloadSum {
        var sum = PayloadSum()
        EventValue.encodeKey(aggregate: aggregate, version: 0, into: key)
        try transaction(UInt32(MDB_RDONLY)) { transaction in
            switch index {
            case .copies:
                let start = Self.value(key)
                try forEach(in: aggregates, transaction, from: start, step: MDB_NEXT) { found, value in
                    guard EventValue.isSameAggregate(found, key) else { return false }
                    sum.add(version: EventValue.version(value), EventValue.payload(value))
                    return true
                }
            case .positions:
                let start = MDB_val(mv_size: 16, mv_data: key.baseAddress)
                try forEach(in: aggregates, transaction, from: start, step: MDB_NEXT_DUP) { found, position in
                    guard EventValue.isSameAggregate(found, key) else { return false }
                    var positionValue = Self.value(UnsafeMutableRawBufferPointer(mutating: position))
                    var value = MDB_val()
                    try Self.check(mdb_get(transaction, events, &positionValue, &value), "get an event")
                    let bytes = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
                    sum.add(version: EventValue.version(bytes), EventValue.payload(bytes))
                    return true
                }
            }
        }
        return sum
    }

    /// Syncs what was not, and closes.
    func close() throws {
        try Self.check(mdb_env_sync(environment, 1), "sync")
        mdb_env_close(environment)
    }

    /// Goes over entries until there are none or `body` returns false.
    private func forEach(
        in database: MDB_dbi, _ transaction: OpaquePointer, from start: MDB_val?, step: MDB_cursor_op,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        var cursor: OpaquePointer?
        try Self.check(mdb_cursor_open(transaction, database, &cursor), "open a cursor")
        defer { mdb_cursor_close(cursor) }
        var key = start ?? MDB_val()
        var value = MDB_val()
        var code = mdb_cursor_get(cursor, &key, &value, start == nil ? MDB_FIRST : MDB_SET_RANGE)
        while code == MDB_SUCCESS {
            let found = UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size)
            guard try body(found, UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)) else {
                return
            }
            code = mdb_cursor_get(cursor, &key, &value, step)
        }
        if code != MDB_NOTFOUND { try Self.check(code, "read") }
    }

    private func transaction(_ flags: UInt32 = 0, _ body: (OpaquePointer) throws -> Void) throws {
        var handle: OpaquePointer?
        try Self.check(mdb_txn_begin(environment, nil, flags, &handle), "begin")
        guard let handle else { throw StoreFailure(.lmdb, "begin", nil) }
        do {
            try body(handle)
        } catch {
            mdb_txn_abort(handle)
            throw error
        }
        try Self.check(mdb_txn_commit(handle), "commit")
    }

    private static func value(_ bytes: UnsafeMutableRawBufferPointer) -> MDB_val {
        MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
    }

    private static func check(_ code: Int32, _ call: String) throws {
        guard code == MDB_SUCCESS else { throw StoreFailure(.lmdb, call, mdb_strerror(code)) }
    }
}
