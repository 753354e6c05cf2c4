// What every store must be able to do, so that each row is one piece of code for all of them.

import Foundation
import RecallBenchmarksKit

/// A store under measurement, open for appending and reading by one caller.
protocol BenchmarkStore: AnyObject {
    /// Appends each item of `commits` as one commit. What only turns the workload into the store's own types comes
    /// before the clock.
    /// - Parameter limit: as in `Timing.each`.
    func append(_ commits: [[BenchmarkEvent]], limit: Duration?) throws -> Timing

    /// Reads all events in order of position and adds each payload.
    func replay() throws -> PayloadSum

    /// Reads an aggregate's events in order of version and adds each payload.
    func load(_ aggregate: UUID) throws -> PayloadSum

    /// Closes the store, after which nothing else may be asked of it.
    func close() throws
}

/// How the stores are set up.
struct StoreSettings: Sendable {
    /// Whether a commit is on the disk when its append returns.
    var isDurable: Bool
    /// Whether the peers refuse an event id that they hold, as Recall always does. Not unless asked for, which is in
    /// their favour.
    var hasUniqueEventIDs: Bool
}

extension StoreName {
    /// Makes or opens a store; nil for what is none.
    func open(at path: String, _ settings: StoreSettings) throws -> (any BenchmarkStore)? {
        switch self {
        case .recall, .recallFile: try RecallStore(path: path, isDurable: settings.isDurable)
        case .bareFile: nil
        case .sqlite: try SQLiteStore(path: path, settings)
        case .lmdb: try LMDBStore(path: path, settings, index: .positions)
        case .lmdbCopies: try LMDBStore(path: path, settings, index: .copies)
        case .rocksdb: try RocksDBStore(path: path, settings)
        }
    }
}
