// The stores and files that take part, under the names that scripts read.

/// Who is measured.
enum StoreName: String, Codable, CaseIterable, CodingKeyRepresentable, Sendable {
    case recall, bareFile, sqlite, lmdb, lmdbCopies, rocksdb

    /// For a person.
    var title: String {
        switch self {
        case .recall: "Recall"
        case .bareFile: "bare file"
        case .sqlite: "SQLite"
        case .lmdb: "LMDB"
        case .lmdbCopies: "LMDB, twice"
        case .rocksdb: "RocksDB"
        }
    }
}
