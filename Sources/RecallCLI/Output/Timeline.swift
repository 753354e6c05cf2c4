// An aggregate's history for people: a heading for each day, a line for each event, and what it is about below it.

import Recall

struct Timeline {
    /// More of a payload says less.
    private static let payloadCountMax = 160

    private let id: AggregateID
    private var day = ""

    init(of id: AggregateID) { self.id = id }

    /// The lines of an event, in order of position.
    mutating func text(of event: RecordedEvent) -> String {
        var text = ""
        let time = event.time.iso8601
        let parts = time.split(separator: "T", maxSplits: 1)
        let today = String(parts.first ?? "")
        if today != day {
            text += (day.isEmpty ? "" : "\n") + today + "\n"
            day = today
        }
        let clock = parts.last.map { String($0) } ?? time
        let owner = TerminalText.escaped(event.aggregateType.rawValue)
        let entity = event.aggregateID == id ? owner : "\(owner) \(event.aggregateID)"
        text += "  \(clock)  \(TerminalText.escaped(event.type.rawValue))"
        text +=
            "  (\(entity.isEmpty ? "" : entity + ", ")version \(event.version), position \(event.position))\n"
        if !event.tags.isEmpty {
            text += "      \(event.tags.map { TerminalText.escaped($0.rawValue) }.joined(separator: ", "))\n"
        }
        return text + "      \(Self.payload(of: event))\n"
    }

    private static func payload(of event: RecordedEvent) -> String {
        guard event.contentType.isJSON, let payload = String(validating: event.payload, as: UTF8.self) else {
            return
                "\(Figure.count(event.payload.count, "byte")) of \(TerminalText.escaped(event.contentType.rawValue))"
        }
        return TerminalText.escaped(payload, countMax: payloadCountMax)
    }
}
