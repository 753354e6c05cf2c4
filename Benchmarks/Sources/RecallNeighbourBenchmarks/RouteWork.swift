// Events that go to a broker and are waited for until it has confirmed them.

import Recall
import RecallBenchmarksKit
import Synchronization

/// Routes batches of recorded events.
final class RouteWork: Sendable {
    private let router: any EventRouter
    private let batches: [[RecordedEvent]]

    /// - Parameter graphCount: how many aggregates the events of a batch are of.
    init(_ router: any EventRouter, batch: Int, graphCount: Int) {
        self.router = router
        var workload = Workload(seed: 5, aggregateCount: graphCount)
        var position = Position.beforeFirst
        batches = (0 ..< 64).map { _ in
            workload.commits(batch, eventCount: 1).flatMap { $0 }.enumerated().map { number, event in
                position = position.next
                var new = event.newEvent
                // Each of another graph, where there are as many.
                new.aggregateID = AggregateID(workload.aggregate(number % graphCount))
                new.rootID = new.aggregateID
                return RecordedEvent(
                    new, position: position, version: 1, time: Timestamp(microsecondsSince1970: 1))
            }
        }
    }

    /// Events a second.
    var turn: Measuring.Turn {
        { [self] callerCount, duration in
            let rate = try await Measuring.rate(callerCount, duration) { [self] caller, number in
                try await router.route(batches[number % batches.count])
            }
            return rate * Double(batches[0].count)
        }
    }
}
