// The stores and files that take part, under the names that scripts read.

/// Who is measured.
enum StoreName: String, Codable, CaseIterable, CodingKeyRepresentable, Sendable {
    case recall, recallFile, bareFile, sqlite, lmdb, lmdbCopies, rocksdb

    /// Recall in each of its layouts.
    static let layouts: [StoreName] = [.recall, .recallFile]

    /// What the name of its file or directory ends in: Recall takes the layout from there.
    var pathSuffix: String { self == .recallFile ? ".recall" : "" }

    /// For a person.
    var title: String {
        switch self {
        case .recall: "Recall"
        case .recallFile: "Recall, one file"
        case .bareFile: "bare file"
        case .sqlite: "SQLite"
        case .lmdb: "LMDB"
        case .lmdbCopies: "LMDB, twice"
        case .rocksdb: "RocksDB"
        }
    }
}
