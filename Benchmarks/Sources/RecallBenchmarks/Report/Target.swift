// What the design demands, and whether it is reached.

/// A demand on one row.
struct Target: Codable, Sendable {
    /// For a person, such as `≥ 1.25 × bare file`.
    var demand: String
    var limit: Double
    var measured: Double
    var isReached: Bool

    /// All demands, by the name of their row, on those that were measured.
    static func all(of row: Row) -> [Target] {
        let targets: [Target?] =
            switch row.name {
            case "durableBlocking": [ratio(row, .bareFile, 1.25), ofFile(row)]
            case "durable64Callers": [ratio(row, .sqlite, 20), ofFile(row)]
            case "durableBatch": [ratio(row, .bareFile, 0.9), ratio(row, .sqlite, 3.5), ofFile(row)]
            case "systemBlocking": [ratio(row, .bareFile, 1.5), ofFile(row)]
            case "bytesFrames": [value(row, 95)]
            case "bytesSealed": [value(row, 75)]
            case "replayBorrowed": [ratio(row, .sqlite, 2), ofFile(row)]
            case "load": [ratio(row, .lmdb, 3), ratio(row, .lmdbCopies, 3), ofFile(row)]
            case "openClean": [value(row, 10), value(row, 10, of: .recallFile)]
            default: []
            }
        return targets.compactMap { $0 }
    }

    static func atMost(_ measured: Double, _ limit: Double, _ demand: String) -> Target {
        Target(demand: demand, limit: limit, measured: measured, isReached: measured <= limit)
    }

    static func atLeast(_ measured: Double, _ limit: Double, _ demand: String) -> Target {
        Target(demand: demand, limit: limit, measured: measured, isReached: measured >= limit)
    }

    private static func ratio(_ row: Row, _ other: StoreName, _ limit: Double) -> Target? {
        row.ratios[other].map { atLeast($0, limit, "≥ \(Figure(limit, placeCountMax: 2)) × \(other.title)") }
    }

    /// A single file must be within 5 % of a directory. The row has the directory in multiples of the file.
    private static func ofFile(_ row: Row) -> Target? {
        row.ratios[.recallFile].map { atLeast(1 / $0, 0.95, "one file ≥ 0.95 × directory") }
    }

    private static func value(_ row: Row, _ limit: Double, of name: StoreName = .recall) -> Target? {
        let subject = name == .recall ? "" : "one file "
        return row.values[name].map {
            atMost($0, limit, "\(subject)≤ \(Figure(limit, placeCountMax: 2)) \(row.unit)")
        }
    }
}
