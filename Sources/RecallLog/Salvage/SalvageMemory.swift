// From a commit's frame to the events that its caller once appended. The memory is kept from commit to commit.

internal import Recall

/// Decodes the events of commits.
struct SalvageMemory {
    private var names = NameMemory()

    /// The events of a commit whose frame holds, as they were appended.
    /// - Throws: where the body cannot be read.
    mutating func events(of commit: CommitHeader, _ segment: RawSpan) throws(FormatError) -> [NewEvent] {
        var memory = BodyMemory()
        try memory.load(commit, segment)
        return try decode(commit, segment, memory)
    }

    private mutating func decode(
        _ commit: CommitHeader, _ segment: RawSpan, _ memory: borrowing BodyMemory
    ) throws(FormatError) -> [NewEvent] {
        try memory.withBody(of: commit, segment) { (body) throws(FormatError) in
            var events: [NewEvent] = []
            events.reserveCapacity(commit.eventCount)
            var records = RecordReader()
            try records.begin(commit, segment: segment, body: body)
            while let fields = try records.next(segment: segment, body: body) {
                let event = try fields.recordedEvent(body, &names)
                // One that had no time of its own has that of its commit, in the new store, too.
                let isOfCommit = event.time.microsecondsSince1970 == commit.time
                events.append(
                    NewEvent(
                        id: event.id, aggregateID: event.aggregateID, rootID: event.rootID,
                        aggregateType: event.aggregateType, type: event.type,
                        schemaVersion: event.schemaVersion, time: isOfCommit ? nil : event.time,
                        contentType: event.contentType, metadata: event.metadata, tags: event.tags,
                        payload: event.payload))
            }
            return events
        }
    }
}
