// What must hold of a store that a crash, a failure or a kill left, whoever made it happen. One checker, so that every
// test of a crash asks for the same.

package import Recall
package import RecallLog

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Opens a store on any disk and holds it against the history of its commits.
package struct StoreChecker: Sendable {
    package var path: String
    package var configuration: LogConfiguration
    /// Looks at more than the events of each store that was opened.
    package var inspection: (@Sendable (Log, [RecordedEvent]) throws(ConformanceFailure) -> Void)?

    package init(path: String, configuration: LogConfiguration) {
        self.path = path
        self.configuration = configuration
    }

    /// Verifies a store that nobody has open, opens it, appends to it, closes it and verifies it again.
    /// - Parameters:
    ///   - disk: with the store on it, which has one commit more afterwards.
    ///   - history: what was tried on the store.
    /// - Returns: which commits of the history were found, by their index.
    /// - Throws: `ConformanceFailure` with what does not hold.
    @discardableResult
    package func check(
        _ disk: any Disk, holds history: CommitHistory
    ) throws(ConformanceFailure) -> [Int] {
        var history = history
        // Before a writer has mended anything.
        try verify(disk, eventCount: nil)
        let found = try attempt("open the store") { () throws(StoreError) in try open(disk) }
        let indexes = try compare(found, with: history)
        let probe = Self.probe(number: history.entries.count)
        history.attempt(probe)
        let receipt = try attempt("append to the store") { () throws(StoreError) in
            try found.appendBlocking(probe)
        }
        history.acknowledge()
        let events = try events(of: found)
        try history.compare(events)
        try expectEqual(receipt.lastPosition.rawValue, UInt64(events.count), "The position of a new commit")
        try attempt("close the store") { () throws(StoreError) in try found.closeBlocking() }
        try verify(disk, eventCount: events.count)
        return indexes
    }

    /// Compares what an open log holds with the history, by position and by aggregate.
    /// - Returns: which commits of the history were found, by their index.
    @discardableResult
    package func compare(_ log: Log, with history: CommitHistory) throws(ConformanceFailure) -> [Int] {
        let events = try events(of: log)
        let found = try history.compare(events)
        for (aggregate, expected) in Dictionary(grouping: events, by: \.aggregateID) {
            let read = try self.events(of: log, EventQuery(.aggregate(aggregate)))
            try expectEvents(read, expected, "Reading aggregate \(aggregate)")
        }
        try inspection?(log, events)
        return found
    }

    /// Reads every byte of the store, where there is one: nothing may be wrong with it.
    /// - Parameter eventCount: how many events there must be; nil where that is not known.
    package func verify(_ disk: any Disk, eventCount: Int?) throws(ConformanceFailure) {
        let report = try attempt("verify the store") { () throws(StoreError) -> VerificationReport? in
            do throws(StoreError) { return try Log.verify(at: path, disk: disk) } catch {
                if eventCount == nil, error.code == .notFound { return nil }
                throw error
            }
        }
        guard let report else { return }
        try expectEqual(report.findings, [], "What verifying finds")
        if let eventCount {
            try expectEqual(report.eventCount, eventCount, "The count of events that verifying finds")
        }
    }

    private func open(_ disk: any Disk) throws(StoreError) -> Log {
        try Log.openBlocking(at: path, configuration: configuration, disk: disk)
    }

    private func events(
        of log: Log, _ query: EventQuery = EventQuery()
    ) throws(ConformanceFailure) -> [RecordedEvent] {
        try attempt("read the store") { () throws(StoreError) in
            var events: [RecordedEvent] = []
            var next: EventQuery? = query
            while let query = next {
                let page = try log.readBlocking(query)
                events += page.events
                next = page.next
            }
            return events
        }
    }

    private func attempt<Result>(
        _ task: String, _ body: () throws(StoreError) -> Result
    ) throws(ConformanceFailure) -> Result {
        do throws(StoreError) { return try body() } catch {
            throw ConformanceFailure("Tried to \(task), which failed: \(error)")
        }
    }

    /// A commit that no history has.
    private static func probe(number: Int) -> Commit {
        let number = UInt64(number)
        return Commit(events: [
            NewEvent(
                id: EventID(number: 0xF00D_0000_0000 + number), aggregateID: AggregateID(number: 0xF00D),
                aggregateType: "Probe", type: "Probed", payload: Data("{\"number\":\(number)}".utf8))
        ])
    }
}
