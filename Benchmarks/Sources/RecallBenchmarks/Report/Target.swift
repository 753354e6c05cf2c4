// What the design demands, and whether it is reached.

/// A demand on one row.
struct Target: Codable, Sendable {
    /// For a person, such as `≥ 1.25 × bare file`.
    var demand: String
    var limit: Double
    var measured: Double
    var isReached: Bool

    /// All demands, by the name of their row.
    static func all(of row: Row) -> [Target] {
        switch row.name {
        case "durableBlocking": [ratio(row, .bareFile, 1.25)]
        case "durable64Callers": [ratio(row, .sqlite, 20)]
        case "durableBatch": [ratio(row, .bareFile, 0.9), ratio(row, .sqlite, 3.5)]
        case "systemBlocking": [ratio(row, .bareFile, 1.5)]
        case "bytesFrames": [value(row, 95)]
        case "bytesSealed": [value(row, 75)]
        case "replayBorrowed": [ratio(row, .sqlite, 2)]
        case "load": [ratio(row, .lmdb, 3), ratio(row, .lmdbCopies, 3)]
        case "openClean": [value(row, 10)]
        default: []
        }
    }

    static func atMost(_ measured: Double, _ limit: Double, _ demand: String) -> Target {
        Target(demand: demand, limit: limit, measured: measured, isReached: measured <= limit)
    }

    static func atLeast(_ measured: Double, _ limit: Double, _ demand: String) -> Target {
        Target(demand: demand, limit: limit, measured: measured, isReached: measured >= limit)
    }

    private static func ratio(_ row: Row, _ other: StoreName, _ limit: Double) -> Target {
        atLeast(row.ratios[other] ?? 0, limit, "≥ \(Figure(limit, placeCountMax: 2)) × \(other.title)")
    }

    private static func value(_ row: Row, _ limit: Double) -> Target {
        atMost(row.values[.recall] ?? .infinity, limit, "≤ \(Figure(limit, placeCountMax: 2)) \(row.unit)")
    }
}
