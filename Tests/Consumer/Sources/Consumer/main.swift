// The smallest application that keeps something: what it links is what every application that embeds the log links.

import Recall
import RecallLog

struct Noted: EventPayload {
    static let eventType: EventType = "Noted"
    var text: String
}
enum NoteEvent: Event {
    case noted(Noted)
    static let cases = [EventCase(Self.noted)]
    var payload: any EventPayload {
        switch self {
        case .noted(let event): event
        }
    }
}
struct Note: AggregateRoot {
    static let aggregateType: AggregateType = "Note"
    var lifecycle: EntityLifecycle
    private(set) var texts: [String] = []
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: NoteEvent) { if case .noted(let noted) = event { texts.append(noted.text) } }
}

let log = try await Log.open(at: CommandLine.arguments[1])
let notes = Repository<Note>(eventStore: log.events)
let id = AggregateID()
try await notes.create(id) { $0.stage(.noted(Noted(text: "stored"))) }
print(try await notes.load(id).texts.joined())
try await log.close()
