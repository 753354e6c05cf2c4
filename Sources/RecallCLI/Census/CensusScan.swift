// One pass over a store's events for commands that count: each event is lent, and what is counted is kept by name. Memory goes with the
// number of what is counted, not with the number of events.

import Recall
import RecallLog

enum CensusScan {
    /// How many events are counted before the progress bar hears of them.
    private static let progressStep: UInt64 = 4096

    /// Lends each event that the query asks for to `body`.
    /// - Throws: `CommandFailure` where there is no store; `StoreError` where it cannot be read to the end.
    static func run(
        over store: String, _ query: EventQuery = EventQuery(),
        _ body: (EventFields, RawSpan, inout NameMemory) throws(FormatError) -> Void
    ) throws {
        let path = try StorePath(store)
        try path.requireExisting()
        let log = try Log.openBlocking(at: path.path, access: .readOnly)
        let progress = ProgressBar("Counting", unit: "events")
        defer { progress.finish() }
        var names = NameMemory()
        var count: UInt64 = 0
        try log.replayBlocking(query) { (fields, bytes) throws(StoreError) in
            do { try body(fields, bytes, &names) } catch {
                throw StoreError(
                    .damaged,
                    "The event at position \(fields.position) cannot be counted, because \(error); verify the store.",
                    damagedPositions: fields.position ... fields.position)
            }
            count += 1
            if count % progressStep == 0 { progress.update(count) }
            return true
        }
        try log.closeBlocking()
    }
}

extension EventFields {
    /// The tags, each once however often the event has it.
    func uniqueTags(_ bytes: RawSpan, _ names: inout NameMemory) throws(FormatError) -> [EventTag] {
        var tags: [EventTag] = []
        var reader = ByteReader(self.tags)
        for _ in 0 ..< tagCount {
            let tag = EventTag(try names.string(try reader.sized(bytes), bytes))
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }
}
