// A report as tables for people.

extension Report {
    var table: String {
        let density = density
        func bytes(_ value: Double) -> String { Figure(value, placeCount: 1).description }
        var parts = [
            """
            \(machine.title)
            \(origin); SQLite \(machine.versions[.sqlite] ?? "?"), LMDB \(machine.versions[.lmdb] ?? "?"), RocksDB \
            \(machine.versions[.rocksdb] ?? "?"); event ids are \(hasUniqueEventIDs ? "" : "not ")unique in the peers
            \(Figure(Double(eventCount), placeCountMax: 0)) events, \(Figure(Double(aggregateCount), placeCountMax: 0)) \
            aggregates, seed \(seed); \(roundCount) rounds
            A payload has \(bytes(density.payloadBytes)) bytes. LZ4 leaves \(bytes(density.aloneBytes)) alone, \
            \(bytes(density.blockOf4KiBBytes))–\(bytes(density.blockOf64KiBBytes)) in blocks of 4–64 KiB, \
            \(bytes(density.dictionaryOf4KiBBytes))–\(bytes(density.dictionaryOf64KiBBytes)) behind a dictionary of \
            4–64 KiB.
            """, measurements.description, ratios.description,
        ]
        if !latencies.isEmpty { parts.append(latencyTable.description) }
        let library = rows.filter { $0.parts != nil }
        if !library.isEmpty { parts.append(libraryTable(library).description) }
        if let large { parts.append(large.text) }
        parts.append(targetTable.description)
        return parts.joined(separator: "\n\n")
    }

    private var measurements: TextTable {
        var table = TextTable(["median"] + stores.map(\.title) + ["unit"])
        for row in rows {
            table.lines.append(
                [row.title] + stores.map { row.values[$0].map { Figure($0).description } ?? "–" } + [row.unit]
            )
        }
        return table
    }

    private var ratios: TextTable {
        let others = stores.filter { $0 != .recall }
        var table = TextTable(["Recall in multiples of"] + others.map(\.title))
        for row in rows where !row.ratios.isEmpty {
            table.lines.append(
                [row.title] + others.map { row.ratios[$0].map { "\(Figure($0, placeCount: 2)) ×" } ?? "–" })
        }
        return table
    }

    private var latencyTable: TextTable {
        var table = TextTable(["microseconds for an append", "p50", "p99", "p99.9", "max", "count"])
        for latency in latencies {
            let title = rows.first { $0.name == latency.row }?.title ?? latency.row
            let figures = [latency.p50, latency.p99, latency.p999, latency.max, Double(latency.count)]
            table.lines.append(
                ["\(latency.store.title): \(title)"] + figures.map { Figure($0, placeCount: 0).description })
        }
        return table
    }

    private func libraryTable(_ rows: [Row]) -> TextTable {
        var table = TextTable(["microseconds through the library", "whole", "codec", "store", "rest"])
        for row in rows {
            let parts = row.parts ?? [:]
            let whole = parts["whole"] ?? 0
            let codec = parts["codec"] ?? 0
            let store = parts["store"] ?? 0
            func share(_ part: Double) -> String {
                "\(Figure(part)) (\(Figure(100 * part / whole, placeCount: 0)) %)"
            }
            table.lines.append([
                row.title, Figure(whole).description, share(codec), share(store),
                share(max(0, whole - codec - store)),
            ])
        }
        return table
    }

    private var targetTable: TextTable {
        var table = TextTable(["what the design demands", "demand", "measured", ""])
        func add(_ targets: [Target], _ title: String) {
            for target in targets {
                table.lines.append([
                    title, target.demand, Figure(target.measured, placeCount: 2).description,
                    target.isReached ? "reached" : "NOT REACHED",
                ])
            }
        }
        for row in rows { add(row.targets, row.title) }
        if let large { add(large.targets, "\(Figure(Double(large.eventCount), placeCountMax: 0)) events") }
        return table
    }
}

extension LargeResult {
    /// A few lines for people.
    var text: String {
        func mebibytes(_ bytes: Int) -> String {
            Figure(Double(bytes) / Double(1 << 20), placeCount: 1).description
        }
        return """
            \(Figure(Double(eventCount), placeCountMax: 0)) events of \
            \(Figure(Double(aggregateCount), placeCountMax: 0)) aggregates:
            appended, not synced, 1 event a commit: \(Figure(firstRate)) events/s at first, \(Figure(lastRate)) at last
            open after a clean close: \(Figure(openMilliseconds, placeCount: 2)) ms; loads: \
            \(Figure(loadsPerSecond))/s; replay: \(Figure(replayedEventsPerSecond)) events/s
            own memory: at most \(mebibytes(appendMemoryBytesMax)) MiB while appending, \
            \(mebibytes(readMemoryBytesMax)) MiB while reading; \(Figure(bytesPerEvent, placeCount: 1)) bytes an \
            event on disk with indexes
            """
    }
}
