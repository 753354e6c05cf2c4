// `recall inspect`: what a store holds, in numbers.

import ArgumentParser
import Recall
import RecallLog

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a store holds: segments, events, aggregates, types, sizes and times.",
        discussion: "Opens the store for reading only, so it works beside the process that writes.")

    @Argument(help: "The directory of the store.")
    var store: String

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        let path = try StorePath(store)
        try path.requireExisting()
        let log = try Log.openBlocking(at: path.path, access: .readOnly)
        let inspection = try log.inspect()
        try log.closeBlocking()
        var output = OutputWriter()
        output.append(json ? object(inspection).text + "\n" : text(inspection))
        try output.flush()
    }

    /// The event types, the most frequent first.
    private func eventTypes(_ inspection: LogInspection) -> [(type: EventType, count: Int)] {
        inspection.eventTypes.map { (type: $0.key, count: $0.value) }
            .sorted { $0.count == $1.count ? $0.type < $1.type : $0.count > $1.count }
    }

    private func text(_ inspection: LogInspection) -> String {
        let capacity = inspection.segments.reduce(0) { $0 + $1.capacityBytes }
        let sealed = inspection.segments.count { $0.isSealed }
        let span =
            inspection.firstTime.flatMap { first in
                inspection.lastTime.map { "\(first.iso8601) to \($0.iso8601)" }
            } ?? "none"
        var rows: [(String, String)] = [
            ("store", "\(inspection.storeID), format version \(inspection.formatVersion)"),
            ("created", inspection.createdAt.iso8601),
            (
                "segments",
                "\(Figure.grouped(inspection.segments.count)), \(Figure.grouped(sealed)) of them sealed"
            ),
            ("events", Figure.grouped(inspection.eventCount)),
            ("commits", Figure.grouped(inspection.commitCount)),
            ("aggregates", Figure.grouped(inspection.aggregateCount)),
            ("used", "\(bytes(inspection.usedBytes)) of \(bytes(capacity)) reserved"),
            ("per event", "\(Figure.decimal(inspection.bytesPerEvent, places: 1)) bytes"),
            ("compression", compression(inspection)),
            ("time span", span),
            ("snapshots", "\(Figure.grouped(inspection.snapshotCount)), \(bytes(inspection.snapshotBytes))"),
            (
                "last close",
                inspection.wasClosedCleanly ? "clean" : "not clean, or a writer has the store open"
            ),
        ]
        if let note = inspection.clockSteps.note { rows.append(("clock", note)) }
        var text = ""
        let width = rows.map(\.0.count).max() ?? 0
        for (name, value) in rows {
            text += name + String(repeating: " ", count: width + 2 - name.count) + value + "\n"
        }
        let types = eventTypes(inspection)
        guard !types.isEmpty else { return text }
        let table =
            [["event type", "events"]]
            + types.map { [TerminalText.escaped($0.type.rawValue), Figure.grouped($0.count)] }
        return text + "\n" + Table.text(table)
    }

    private func compression(_ inspection: LogInspection) -> String {
        guard inspection.storedBodyBytes > 0 else { return "none" }
        let ratio = Double(inspection.bodyBytes) / Double(inspection.storedBodyBytes)
        return """
            \(bytes(inspection.bodyBytes)) in \(bytes(inspection.storedBodyBytes)), \
            \(Figure.decimal(ratio, places: 2)) to 1
            """
    }

    private func bytes(_ count: Int) -> String { Figure.bytes(UInt64(max(count, 0))) }

    private func object(_ inspection: LogInspection) -> JSONObject {
        var object = JSONObject()
        object.add("store", store)
        object.add("id", inspection.storeID)
        object.add("formatVersion", inspection.formatVersion)
        object.add("createdAt", inspection.createdAt.iso8601)
        object.add("events", inspection.eventCount)
        object.add("commits", inspection.commitCount)
        object.add("aggregates", inspection.aggregateCount)
        object.add("usedBytes", inspection.usedBytes)
        object.add("bodyBytes", inspection.bodyBytes)
        object.add("storedBodyBytes", inspection.storedBodyBytes)
        object.add("firstTime", inspection.firstTime?.iso8601)
        object.add("lastTime", inspection.lastTime?.iso8601)
        object.add("clockSteps", inspection.clockSteps.object)
        object.add("snapshots", inspection.snapshotCount)
        object.add("snapshotBytes", inspection.snapshotBytes)
        object.add("wasClosedCleanly", inspection.wasClosedCleanly)
        object.add(
            "eventTypes",
            eventTypes(inspection).map { type, count in
                var object = JSONObject()
                object.add("type", type.rawValue)
                object.add("events", count)
                return object
            })
        object.add(
            "segments",
            inspection.segments.map { segment in
                var object = JSONObject()
                object.add("number", segment.number)
                object.add("firstPosition", segment.firstPosition.rawValue)
                object.add("events", segment.eventCount)
                object.add("commits", segment.commitCount)
                object.add("usedBytes", segment.usedBytes)
                object.add("capacityBytes", segment.capacityBytes)
                object.add("isSealed", segment.isSealed)
                return object
            })
        return object
    }
}
