// SQLite through its C interface, set up for one process as its documentation says: write-ahead log, prepared
// statements, pages of 8 KiB, memory-mapped reading, a cache of 64 MiB, exclusive locking (no file of shared memory
// to go through). Why each: Benchmarks/README.md.

import CSQLite
import Foundation
import RecallBenchmarksKit

/// A table of events, with a unique index over aggregate and version.
final class SQLiteStore: BenchmarkStore {
    private let database: OpaquePointer
    private var insert: OpaquePointer?
    private var begin: OpaquePointer?
    private var commit: OpaquePointer?
    private var selectAll: OpaquePointer?
    private var selectAggregate: OpaquePointer?

    init(path: String, _ settings: StoreSettings) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2("\(path)/events.sqlite", &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            throw StoreFailure(.sqlite, "open", sqlite3_errstr(code))
        }
        database = handle
        try execute("PRAGMA page_size=8192")
        try execute("PRAGMA locking_mode=EXCLUSIVE")
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=\(settings.isDurable ? "FULL" : "NORMAL")")
        // Where nothing is synced, a longer log saves writing the same index pages again and again. Where each commit
        // is, the short one of the default is faster: it is soon written over, and a file that does not grow syncs
        // faster.
        if !settings.isDurable { try execute("PRAGMA wal_autocheckpoint=8000") }
        try execute("PRAGMA cache_size=-65536")
        try execute("PRAGMA mmap_size=8589934592")
        try execute(
            """
            CREATE TABLE IF NOT EXISTS events(
                position INTEGER PRIMARY KEY, aggregate BLOB NOT NULL, version INTEGER NOT NULL,
                id BLOB NOT NULL, type INTEGER NOT NULL, payload BLOB NOT NULL)
            """)
        try execute("CREATE UNIQUE INDEX IF NOT EXISTS versions ON events(aggregate, version)")
        if settings.hasUniqueEventIDs {
            try execute("CREATE UNIQUE INDEX IF NOT EXISTS ids ON events(id)")
        }
        insert = try prepare(
            "INSERT INTO events(aggregate, version, id, type, payload) VALUES (?, ?, ?, ?, ?)")
        begin = try prepare("BEGIN IMMEDIATE")
        commit = try prepare("COMMIT")
        selectAll = try prepare(
            "SELECT position, aggregate, version, id, type, payload FROM events ORDER BY position")
        selectAggregate = try prepare(
            "SELECT version, position, id, type, payload FROM events WHERE aggregate = ? ORDER BY version")
    }

    func append(_ commits: [[BenchmarkEvent]], limit: Duration?) throws -> Timing {
        try Timing.each(commits, limit: limit) { events in
            // A statement alone is a transaction by itself.
            if events.count > 1 { try finish(begin, "begin") }
            for event in events { try append(event) }
            if events.count > 1 { try finish(commit, "commit") }
        }
    }

    private func append(_ event: BenchmarkEvent) throws {
        try withUnsafeBytes(of: event.aggregate.uuid) { aggregate in
            try withUnsafeBytes(of: event.id.uuid) { id in
                try event.payload.withUnsafeBytes { payload in
                    // No copies: the bytes outlive the step.
                    sqlite3_bind_blob(insert, 1, aggregate.baseAddress, 16, nil)
                    sqlite3_bind_int64(insert, 2, Int64(event.version))
                    sqlite3_bind_blob(insert, 3, id.baseAddress, 16, nil)
                    sqlite3_bind_int(insert, 4, Int32(event.typeNumber))
                    sqlite3_bind_blob(insert, 5, payload.baseAddress, Int32(payload.count), nil)
                    try finish(insert, "insert")
                }
            }
        }
    }

    func replay() throws -> PayloadSum {
        var sum = PayloadSum()
        try forEachRow(selectAll) { sum.add(payload(selectAll, column: 5)) }
        return sum
    }

    func load(_ aggregate: UUID) throws -> PayloadSum {
        var sum = PayloadSum()
        try withUnsafeBytes(of: aggregate.uuid) { bytes in
            sqlite3_bind_blob(selectAggregate, 1, bytes.baseAddress, 16, nil)
            try forEachRow(selectAggregate) {
                let version = UInt64(sqlite3_column_int64(selectAggregate, 0))
                sum.add(version: version, payload(selectAggregate, column: 4))
            }
        }
        return sum
    }

    /// The last close of a database moves the write-ahead log into it.
    func close() throws {
        for statement in [insert, begin, commit, selectAll, selectAggregate] { sqlite3_finalize(statement) }
        guard sqlite3_close(database) == SQLITE_OK else { throw failure("close") }
    }

    private func payload(_ statement: OpaquePointer?, column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    private func forEachRow(_ statement: OpaquePointer?, _ body: () -> Void) throws {
        defer { sqlite3_reset(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: body()
            case SQLITE_DONE: return
            default: throw failure("read")
            }
        }
    }

    private func finish(_ statement: OpaquePointer?, _ call: String) throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { throw failure(call) }
    }

    private func prepare(_ text: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(
            database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK else { throw failure("prepare a statement") }
        return statement
    }

    private func execute(_ text: String) throws {
        guard sqlite3_exec(database, text, nil, nil, nil) == SQLITE_OK else {
            throw failure("execute \(text)")
        }
    }

    private func failure(_ call: String) -> StoreFailure {
        StoreFailure(.sqlite, call, sqlite3_errmsg(database))
    }
}
