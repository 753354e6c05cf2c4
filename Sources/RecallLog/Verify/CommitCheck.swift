// What a commit's frame says of its streams, held against its records. Indexes and loads rest on what the frame
// says and never look into the body, so a contradiction would give a wrong version or graph position for good.

internal import Recall

/// Counts the events of one commit after the other, by stream and by graph.
struct CommitCheck {
    private struct Tally {
        var eventCount = 0
        var lastIndex = -1
        /// Of any event whose root this stream is.
        var lastIndexOfGraph = -1
    }

    private var tallies: [RawIdentifier: Tally] = [:]
    private var eventCount = 0

    mutating func begin() {
        tallies.removeAll(keepingCapacity: true)
        eventCount = 0
    }

    mutating func add(_ event: EventFields) {
        tallies[event.rawAggregateID, default: Tally()].eventCount += 1
        tallies[event.rawAggregateID, default: Tally()].lastIndex = eventCount
        tallies[event.rawRootID, default: Tally()].lastIndexOfGraph = eventCount
        eventCount += 1
    }

    /// - Throws: where the frame says otherwise than its records.
    mutating func finish(_ commit: CommitHeader, _ streams: [StreamEntry]) throws(FormatError) {
        guard Set(streams.map(\.id)).count == streams.count else {
            throw FormatError("the commit lists a stream twice")
        }
        for stream in streams {
            guard stream.root == 0 || streams[stream.root - 1].root == 0 else {
                throw FormatError("the root of stream \(AggregateID(stream.id.uuid)) has a root itself")
            }
            let tally = tallies[stream.id] ?? Tally()
            let lastIndex = stream.root == 0 ? tally.lastIndexOfGraph : tally.lastIndex
            guard stream.eventCount == tally.eventCount, stream.lastIndex == lastIndex else {
                throw FormatError(
                    "stream \(AggregateID(stream.id.uuid)) states \(stream.eventCount) events to index \(stream.lastIndex), and its records are \(tally.eventCount) to index \(lastIndex)"
                )
            }
        }
    }
}
