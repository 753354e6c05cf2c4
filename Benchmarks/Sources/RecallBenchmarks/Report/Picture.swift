// Pictures of a report, as scripts for gnuplot. Each says where and when it was measured, since it travels alone.

/// Groups of bars.
struct Picture {
    var name: String
    var title: String
    /// What the bars are measured in.
    var axis: String
    /// One entry of the legend for each bar of a group.
    var series: [(title: String, color: String)]
    /// The groups; a bar that is nil is left out.
    var groups: [(title: String, values: [Double?])]
    /// Where and when.
    var footer: [String]
    /// Whether the scale is logarithmic; else it begins at 0.
    var isLogarithmic = true
    /// Draws a line at 1, where bars are multiples.
    var hasUnitLine = false

    static func all(of report: Report) -> [Picture] {
        var pictures = [throughput(report), rates(report), latency(report)]
        if let large = report.large { pictures.append(windows(report, large)) }
        return pictures
    }

    private static func color(_ name: StoreName) -> String {
        switch name {
        case .recall: "#d7301f"
        case .recallFile: "#fcae91"
        case .bareFile: "#999999"
        case .sqlite: "#4575b4"
        case .lmdb: "#91bfdb"
        case .lmdbCopies: "#c6dbef"
        case .rocksdb: "#fdae61"
        }
    }

    private static func shortTitle(_ row: Row) -> String {
        switch row.name {
        case "durableBlocking": "durable,\\n1 event\\na commit"
        case "durable64Callers": "durable,\\n64 callers"
        case "durableAsync": "durable,\\n1 async\\ncaller"
        case "durableBatch": "durable,\\n100 events\\na commit"
        case "systemBlocking": "not synced,\\n1 event\\na commit"
        case "replayBorrowed": "full\\nreplay"
        case "load": "load an\\naggregate"
        default: row.title
        }
    }

    private static func footer(_ report: Report) -> [String] { [report.machine.title, report.origin] }

    private static let rateRows = [
        "durableBlocking", "durable64Callers", "durableBatch", "systemBlocking", "replayBorrowed", "load",
    ]

    /// All as multiples of SQLite.
    private static func throughput(_ report: Report) -> Picture {
        let rows = report.rows.filter { rateRows.contains($0.name) && $0.values[.sqlite] != nil }
        return Picture(
            name: "throughput", title: "Throughput in multiples of SQLite (higher is better)",
            axis: "multiples of SQLite",
            series: report.stores.map { ($0.title, color($0)) },
            groups: rows.map { row in
                let unit = row.values[.sqlite] ?? 1
                return (shortTitle(row), report.stores.map { row.values[$0].map { $0 / unit } })
            }, footer: footer(report), hasUnitLine: true)
    }

    /// All as they are.
    private static func rates(_ report: Report) -> Picture {
        let rows = report.rows.filter { rateRows.contains($0.name) }
        return Picture(
            name: "rates", title: "Events (loads) a second (higher is better)", axis: "a second",
            series: report.stores.map { ($0.title, color($0)) },
            groups: rows.map { row in (shortTitle(row), report.stores.map { row.values[$0] }) },
            footer: footer(report))
    }

    private static func latency(_ report: Report) -> Picture {
        let shown = report.latencies.filter {
            $0.row == "durableBlocking" || $0.row == "durable64Callers" && $0.store == .recall
        }
        return Picture(
            name: "latency", title: "Durable append of 1 event: latency (lower is better)",
            axis: "microseconds",
            series: shown.map { latency in
                latency.row == "durable64Callers"
                    ? ("Recall, 64 callers", "#fc9272") : (latency.store.title, color(latency.store))
            },
            groups: [
                ("p50", shown.map(\.p50)), ("p99", shown.map(\.p99)), ("p99.9", shown.map(\.p999)),
                ("max", shown.map(\.max)),
            ], footer: footer(report))
    }

    /// How the rate holds while a store grows.
    private static func windows(_ report: Report, _ large: LargeResult) -> Picture {
        // Twenty groups at most, so that they can be read.
        let step = max(1, large.windowRates.count / 20)
        let indices = stride(from: step - 1, to: large.windowRates.count, by: step)
        return Picture(
            name: "growth", title: "Appends a second, not synced, while the store grows",
            axis: "events a second",
            series: [("Recall", color(.recall))],
            groups: indices.map { index in
                let count = Double((index + 1) * large.windowEventCount) / 1e6
                return ("\(Figure(count, placeCountMax: 1)) M", [large.windowRates[index]])
            }, footer: footer(report), isLogarithmic: false)
    }
}
