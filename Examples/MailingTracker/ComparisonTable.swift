// Commands beside events: what was issued, what a replay finds, and what was delivered.

import Foundation
import Recall

/// A row for each kind of command.
struct ComparisonTable: CustomStringConvertible {
    private struct Row {
        var name: String
        var issued: Int
        var event: String
        var stored: Int
        var delivered: Int?

        var isEqual: Bool { issued == stored && delivered ?? stored == stored }
    }

    private var rows: [Row]
    /// Whether each command has its event, no other event is there, and all of them were delivered.
    let isEqual: Bool

    /// Replays the events from a position on.
    /// - Parameter delivered: how many events of each type were delivered; nil where nothing delivers.
    init(
        issued: [Workload.Kind: Int], stored events: any EventStore, from firstPosition: Position,
        delivered: [EventType: Int]?
    ) async throws {
        var player = Player(store: events)
        for kind in Workload.Kind.allCases { player.on(kind.eventType, name: kind.rawValue) { _ in } }
        let report = try await player.play(EventQuery(positions: firstPosition ... .last))
        rows = Workload.Kind.allCases.map { kind in
            Row(
                name: kind.rawValue, issued: issued[kind] ?? 0, event: "\(kind.eventType)",
                stored: report.eventCountsByHandler[kind.rawValue] ?? 0,
                delivered: delivered.map { $0[kind.eventType] ?? 0 })
        }
        rows.append(
            Row(
                name: "all", issued: issued.values.reduce(0, +), event: "all", stored: report.eventCount,
                delivered: delivered.map { $0.values.reduce(0, +) }))
        isEqual = rows.allSatisfy(\.isEqual)
    }

    var description: String {
        let isDelivered = rows.contains { $0.delivered != nil }
        let head = Self.line("command", "issued", "event", "stored", isDelivered ? "delivered" : nil)
        let lines = rows.map { row in
            Self.line(row.name, "\(row.issued)", row.event, "\(row.stored)", row.delivered.map { "\($0)" })
        }
        let verdict =
            switch (isEqual, isDelivered) {
            case (true, true): "Each command has its event, and each event was delivered."
            case (true, false): "Each command has its event."
            case (false, true): "Commands, events and deliveries differ."
            case (false, false): "Commands and events differ."
            }
        return ([head] + lines + [verdict]).joined(separator: "\n")
    }

    private static func line(
        _ command: String, _ issued: String, _ event: String, _ stored: String, _ delivered: String?
    ) -> String {
        func left(_ text: String) -> String { text.padding(toLength: 20, withPad: " ", startingAt: 0) }
        func right(_ text: String, _ width: Int = 8) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return left(command) + right(issued) + "  " + left(event) + right(stored)
            + (delivered.map { right($0, 11) } ?? "")
    }
}
