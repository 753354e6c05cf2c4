// The result as a table for people, and as JSON for scripts. Without the machine no figure means anything.

import Foundation

/// All rows of a run, and where they were measured.
struct Report: Codable {
    var machine: String
    var system: String
    var events: Int
    var seed: UInt64
    var secondsPerRow: Double
    var rows: [Row]

    /// The processor's name, where the system tells it, and the count of its cores.
    static var machine: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = text.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }.map { $0.drop { $0 == " " } }
        return "\(name ?? "processor of unknown name"), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var table: String {
        var lines = [["", "median", "", "bare file", "ratio", "bytes/event"]]
        for row in rows {
            lines.append([
                row.title, Self.figure(row.value, places: row.unit == "ms" ? 2 : 0), row.unit,
                row.limit.map { Self.figure($0, places: 0) } ?? "–",
                row.ratio.map { Self.figure($0, places: 2) } ?? "–",
                row.bytesPerEvent.map { Self.figure($0, places: 1) } ?? "–",
            ])
        }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let body = lines.map { cells in
            cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                // Names and units to the left, figures to the right.
                return column == 0 || column == 2 ? cells[column] + space : space + cells[column]
            }.joined(separator: "  ")
        }
        let head =
            "\(machine); \(system)\n\(events) events, \(Workload.aggregateCount) aggregates, seed \(seed)\n\n"
        return head + body.joined(separator: "\n")
    }

    private static func figure(_ value: Double, places: Int) -> String {
        let text = String(format: "%.\(places)f", value)
        let whole = text.prefix { $0 != "." }
        var grouped = ""
        for (index, digit) in whole.reversed().enumerated() {
            if index > 0, index % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return String(grouped.reversed()) + text.dropFirst(whole.count)
    }
}
