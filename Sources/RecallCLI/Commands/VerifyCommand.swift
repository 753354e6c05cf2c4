// `recall verify`: whether all of a store is what was written, and if not, exactly what is not.

import ArgumentParser
import Recall
import RecallLog

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every byte of a store and check every checksum, sequence and index.",
        discussion: """
            Changes nothing, and works beside the process that writes. Exits with 1 where something is not \
            what was written, and says where: segment, offset and positions.
            """)

    @Argument(help: "The directory of the store.")
    var store: String

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        let path = try StorePath(store)
        try path.requireExisting()
        let progress = ProgressBar("Verifying", unit: "bytes")
        defer { progress.finish() }
        let report = try Log.verify(at: path.path) { state in
            progress.update(UInt64(max(state.byteCount, 0)), of: UInt64(max(state.byteCountTotal, 0)))
        }
        progress.finish()
        var output = OutputWriter()
        output.append(json ? object(report).text + "\n" : text(report))
        try output.flush()
        guard !report.isWhole else { return }
        if report.findings.isEmpty, report.behindEnd != nil {
            throw CommandFailure(
                .damaged,
                "\(store) has whole commits behind its end, which may have been acknowledged; salvage it into a new store to have them."
            )
        }
        let places = report.findings.count == 1 ? "1 place" : "\(report.findings.count) places"
        let isOnlyIndex = report.findings.allSatisfy { $0.kind == .index }
        throw CommandFailure(
            .damaged,
            isOnlyIndex
                ? "\(store) is damaged in \(places), all of them indexes; delete these, and they are made again."
                : "\(store) is damaged in \(places); restore a backup, or replay what is whole into a new store."
        )
    }

    private func text(_ report: VerificationReport) -> String {
        var text = ""
        for finding in report.findings { text += Self.place(finding) + finding.reason + "\n" }
        if let note = report.clockSteps.note { text += "no damage, but " + note + "\n" }
        if let rest = report.behindEnd { text += Self.line(rest) }
        let checked = """
            \(Figure.count(report.segmentCount, "segment")), \(Figure.count(report.commitCount, "commit")), \
            \(Figure.count(report.eventCount, "event")) of \(Figure.count(report.aggregateCount, "aggregate")), \
            \(Figure.bytes(UInt64(max(report.byteCount, 0)))) checked
            """
        return text + "\(store) is \(report.isWhole ? "whole" : "damaged"): \(checked)\n"
    }

    /// What stands behind the end, and what becomes of it.
    private static func line(_ rest: VerificationReport.BehindEnd) -> String {
        let commits = Figure.count(rest.commitCount, "whole commit")
        let events = Figure.count(rest.eventCount, "event")
        return """
            segment \(rest.segment), offset \(rest.offset): \(commits) with \(events) behind a frame that does not hold, \
            in a part that was not synced; salvage keeps them, and append copies them into a file beside the store\n
            """
    }

    /// Where something was found, such as `segment 1, offset 4096, positions 7 to 9: `.
    private static func place(_ finding: VerificationFinding) -> String {
        var parts: [String] = []
        if let segment = finding.segment { parts.append("segment \(segment)") }
        if let offset = finding.offset { parts.append("offset \(offset)") }
        if let positions = finding.positions {
            let (first, last) = (positions.lowerBound, positions.upperBound)
            parts.append(first == last ? "position \(first)" : "positions \(first) to \(last)")
        }
        return parts.isEmpty ? "" : parts.joined(separator: ", ") + ": "
    }

    private func object(_ report: VerificationReport) -> JSONObject {
        var object = JSONObject()
        object.add("store", store)
        object.add("isWhole", report.isWhole)
        object.add("segments", report.segmentCount)
        object.add("frames", report.frameCount)
        object.add("commits", report.commitCount)
        object.add("events", report.eventCount)
        object.add("aggregates", report.aggregateCount)
        object.add("bytes", report.byteCount)
        object.add("lastPosition", report.lastPosition.rawValue)
        object.add("clockSteps", report.clockSteps.object)
        object.add("behindEnd", report.behindEnd.map(Self.object))
        object.add("damage", report.findings.map(Self.object))
        return object
    }

    private static func object(_ rest: VerificationReport.BehindEnd) -> JSONObject {
        var object = JSONObject()
        object.add("segment", rest.segment)
        object.add("offset", rest.offset)
        object.add("commits", rest.commitCount)
        object.add("events", rest.eventCount)
        return object
    }

    private static func object(_ finding: VerificationFinding) -> JSONObject {
        var object = JSONObject()
        object.add("kind", finding.kind.rawValue)
        object.add("segment", finding.segment)
        object.add("offset", finding.offset)
        object.add("firstPosition", finding.positions?.lowerBound.rawValue)
        object.add("lastPosition", finding.positions?.upperBound.rawValue)
        object.add("unreadableBytes", finding.unreadableByteCount)
        object.add("reason", finding.reason)
        return object
    }
}
