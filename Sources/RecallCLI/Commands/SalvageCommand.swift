// `recall salvage`: all that is whole of a damaged store, in a new one, and exactly what is lost.

import ArgumentParser
import Recall
import RecallLog

struct SalvageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Copy all that is whole of a damaged store into a new one, and list what is lost.",
        discussion: """
            STORE is not changed, and nobody may have it open for appending. DEST must be missing or empty. Commits are \
            copied whole or not at all; positions and versions behind a loss are lower in DEST, and the report says \
            which became which. Exits with 1 where anything is lost.
            """)

    @Argument(help: "The directory of the damaged store.")
    var store: String

    @Argument(help: "The directory of the new store: missing, or empty.")
    var dest: String

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        let path = try StorePath(store)
        try path.requireExisting()
        guard !dest.isEmpty else {
            throw CommandFailure(.badInput, "The path of the new store is empty; name a directory.")
        }
        let progress = ProgressBar("Salvaging", unit: "bytes")
        defer { progress.finish() }
        let report = try Log.salvage(from: path.path, to: dest) { state in
            progress.update(UInt64(max(state.byteCount, 0)), of: UInt64(max(state.byteCountTotal, 0)))
        }
        progress.finish()
        var output = OutputWriter()
        output.append(json ? object(report).text + "\n" : text(report))
        try output.flush()
        guard !report.isComplete else { return }
        throw CommandFailure(
            .damaged,
            "\(store) has lost events in \(Figure.count(report.losses.count, "place")); \(dest) holds all that is whole. Keep the old store until you know that nothing else of it can be found, such as in a backup."
        )
    }

    // MARK: Text

    private func text(_ report: SalvageReport) -> String {
        var text = ""
        for loss in report.losses { text += "lost: \(Self.place(loss))\(loss.reason)\n" }
        for note in report.notes {
            // What that cost, if anything, is among the losses.
            let kind = note.unreadableByteCount == nil ? "nothing lost" : "not read"
            text += "\(kind): \(Self.place(note))\(note.reason)\n"
        }
        for range in report.ranges where range.source.lowerBound != range.firstDestination {
            text +=
                "positions \(range.source.lowerBound) to \(range.source.upperBound) are \(range.firstDestination) to \(range.lastDestination) now\n"
        }
        if !report.shiftedStreams.isEmpty {
            text +=
                "versions are lower than they were in \(Figure.count(report.shiftedStreams.count, "stream")); --json names them\n"
        }
        let copied = """
            \(Figure.count(report.commitCount, "commit")), \(Figure.count(report.eventCount, "event")) of \
            \(Figure.count(report.segmentCount, "segment")) copied, \(Figure.bytes(UInt64(max(report.byteCount, 0)))) read
            """
        return text + "\(dest) holds \(report.isComplete ? "everything" : "what is whole"): \(copied)\n"
    }

    /// Where something is lost, such as `segment 1, offset 4096, positions 7 to 9: `.
    private static func place(_ loss: SalvageLoss) -> String {
        var parts = ["segment \(loss.segment)"]
        if let offset = loss.offset { parts.append("offset \(offset)") }
        switch (loss.firstPosition, loss.lastPosition) {
        case (let first?, let last?):
            parts.append(first == last ? "position \(first)" : "positions \(first) to \(last)")
        case (let first?, nil): parts.append("positions from \(first) on")
        case (nil, _): parts.append("positions among those of the line before")
        }
        return parts.joined(separator: ", ") + ": "
    }

    private static func place(_ note: SalvageNote) -> String {
        var parts: [String] = []
        if let segment = note.segment { parts.append("segment \(segment)") }
        if let offset = note.offset { parts.append("offset \(offset)") }
        return parts.isEmpty ? "" : parts.joined(separator: ", ") + ": "
    }

    // MARK: JSON

    private func object(_ report: SalvageReport) -> JSONObject {
        var object = JSONObject()
        object.add("store", store)
        object.add("destination", dest)
        object.add("isComplete", report.isComplete)
        object.add("segments", report.segmentCount)
        object.add("commits", report.commitCount)
        object.add("events", report.eventCount)
        object.add("bytes", report.byteCount)
        object.add("lost", report.losses.map(Self.object))
        object.add("notes", report.notes.map(Self.object))
        object.add("ranges", report.ranges.map(Self.object))
        object.add("shiftedStreams", report.shiftedStreams.map(Self.object))
        return object
    }

    private static func object(_ loss: SalvageLoss) -> JSONObject {
        var object = JSONObject()
        object.add("segment", loss.segment)
        object.add("offset", loss.offset)
        object.add("firstPosition", loss.firstPosition?.rawValue)
        object.add("lastPosition", loss.lastPosition?.rawValue)
        object.add("reason", loss.reason)
        return object
    }

    private static func object(_ note: SalvageNote) -> JSONObject {
        var object = JSONObject()
        object.add("segment", note.segment)
        object.add("offset", note.offset)
        object.add("unreadableBytes", note.unreadableByteCount)
        object.add("reason", note.reason)
        return object
    }

    private static func object(_ range: SalvagedRange) -> JSONObject {
        var object = JSONObject()
        object.add("firstPosition", range.source.lowerBound.rawValue)
        object.add("lastPosition", range.source.upperBound.rawValue)
        object.add("newFirstPosition", range.firstDestination.rawValue)
        object.add("newLastPosition", range.lastDestination.rawValue)
        return object
    }

    private static func object(_ stream: ShiftedStream) -> JSONObject {
        var object = JSONObject()
        object.add("aggregate", stream.aggregateID.description)
        object.add("firstVersion", stream.firstVersion.rawValue)
        object.add("lost", stream.lostCount)
        return object
    }
}
