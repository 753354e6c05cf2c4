// The rows that read the events of the unsynced row, from the page cache.

import Recall
import RecallLog

extension Run {
    /// Replays everything without copying an event.
    func replayBorrowed() throws -> Row {
        let log = try open(mainStore, .readOnly)
        defer { try? log.closeBlocking() }
        return try row("replayBorrowed", "full replay, borrowed bytes", unit: "events/s") { _ in
            var count = 0
            var payloadBytes = 0
            let start = ContinuousClock.now
            try log.replayBlocking { (fields, _) throws(StoreError) in
                count += 1
                payloadBytes &+= fields.payload.count
                return true
            }
            return try rate(count, since: start)
        }
    }

    /// Replays everything as events of their own, in pages of 1,024.
    func replayPaged() throws -> Row {
        let log = try open(mainStore, .readOnly)
        defer { try? log.closeBlocking() }
        return try row("replayPaged", "full replay, pages of 1,024 events", unit: "events/s") { _ in
            var count = 0
            var next: EventQuery? = EventQuery()
            let start = ContinuousClock.now
            while let query = next {
                let page = try log.readBlocking(query)
                count += page.events.count
                next = page.next
            }
            return try rate(count, since: start)
        }
    }

    private func rate(_ count: Int, since start: ContinuousClock.Instant) throws -> Double {
        let time = start.duration(to: .now)
        guard count == eventCount else {
            throw WrongResult(description: "A replay found \(count) of \(eventCount) events.")
        }
        return Double(count) / time.seconds
    }

    /// Loads whole aggregates at random.
    mutating func load() throws -> Row {
        let log = try open(mainStore, .readOnly)
        defer { try? log.closeBlocking() }
        let loadCount = 500
        let ids = (0 ..< loadCount * (roundCount + 1)).map { _ in workload.aggregate() }
        // Loads the indexes.
        for id in ids.prefix(loadCount) { _ = try log.readBlocking(EventQuery(.aggregate(id))) }
        let title = "load one aggregate of about \(eventCount / Workload.aggregateCount) events"
        return try row("load", title, unit: "loads/s") { round in
            let start = ContinuousClock.now
            for id in ids[(round + 1) * loadCount ..< (round + 2) * loadCount] {
                var next: EventQuery? = EventQuery(.aggregate(id))
                while let query = next { next = try log.readBlocking(query).next }
            }
            return Double(loadCount) / start.duration(to: .now).seconds
        }
    }
}
