// A root and its children: one history in order of position, streams of their own, and a position that
// moves when any of them changes.

internal import Recall

extension EventStoreConformance {
    static let graphCases: [Case] = [
        Case("a graph holds the root and its children in order of position") { session in
            let model = try await Sample.fill(session.store)
            let graph = try await session.store.readToEnd(EventQuery(.graph(Sample.company)))
            try expectEvents(
                graph, model.events.filter { $0.rootID == Sample.company }, "Reading the graph of a root")
        },
        Case("a root's own stream leaves out its children") { session in
            _ = try await Sample.fill(session.store)
            let own = try await session.store.readToEnd(EventQuery(.aggregate(Sample.company)))
            try expect(
                !own.isEmpty && own.allSatisfy { $0.aggregateID == Sample.company },
                "The stream of a root: expected its own events only, found those of \(Set(own.map(\.aggregateID)))."
            )
        },
        Case("status of a root, of children and of what is absent") { session in
            let model = try await Sample.fill(session.store)
            for id in Sample.roots.map(\.entity) + [Sample.absent] {
                try expectEqual(
                    try await session.store.status(of: id), model.status(of: id), "The status of \(id)")
            }
        },
        Case("a root whose children alone have events is at version 0") { session in
            _ = try await session.store.append(
                Commit(events: [
                    Sample.event(to: Sample.account), Sample.event(to: Sample.fry, root: Sample.company),
                ]))
            try expectEqual(
                try await session.store.status(of: Sample.company),
                AggregateStatus(version: 0, graphPosition: 2),
                "The status of the root")
            try expectEqual(
                try await session.store.status(of: Sample.fry), AggregateStatus(version: 1, graphPosition: 2),
                "The status of the child")
            let receipt = try await session.store.append(
                Commit([Sample.event()], to: Sample.company, expecting: .noStream))
            try expectEqual(receipt.versions, [Sample.company: 1], "The versions of the root's first event")
        },
        Case("a graph position that is as expected lets a commit through") { session in
            var model = try await Sample.fill(session.store)
            for root in [Sample.company, Sample.account, Sample.absent] {
                var commit = Commit(events: [Sample.event(to: root)])
                commit.expectedGraphPositions = [root: model.status(of: root)?.graphPosition ?? 0]
                let outcome = try await model.append(commit, comparing: session.store)
                guard case .stored = outcome else {
                    throw ConformanceFailure(
                        "Expecting the graph of \(root) as it is: expected a receipt, found \(outcome).")
                }
            }
        },
        Case("a change of a child alone conflicts with a root that was loaded before") { session in
            var model = ReferenceModel()
            try await model.append(Commit([Sample.event()], to: Sample.company), comparing: session.store)
            let loaded: Position = 1
            try await model.append(
                Commit([Sample.event(to: Sample.fry, root: Sample.company)], to: Sample.fry),
                comparing: session.store)
            for entity in [Sample.company, Sample.leela] {
                var commit = Commit(
                    events: [Sample.event(to: entity, root: Sample.company)],
                    expectedVersions: [Sample.company: .exact(1)])
                commit.expectedGraphPositions = [Sample.company: loaded]
                let outcome = try await model.append(commit, comparing: session.store)
                try expectEqual(
                    outcome, .refused(.conflict), "Expecting a graph as it was before its child changed")
            }
            try await model.compare(with: session.store)
        },
        Case("a graph position that is too high conflicts") { session in
            var model = ReferenceModel()
            try await model.append(Commit(Sample.events(3), to: Sample.company), comparing: session.store)
            for position in [0, 1, 2, 4, .last] as [Position] {
                var commit = Commit(events: [Sample.event()])
                commit.expectedGraphPositions = [Sample.company: position]
                let outcome = try await model.append(commit, comparing: session.store)
                try expectEqual(
                    outcome, .refused(.conflict), "Expecting the graph at \(position) when it is at 3")
            }
            try await model.compare(with: session.store)
        },
        Case("an expectation of a graph without an event in the commit counts") { session in
            var model = ReferenceModel()
            try await model.append(Commit(Sample.events(2), to: Sample.company), comparing: session.store)
            var commit = Commit(events: [Sample.event(to: Sample.account)])
            commit.expectedGraphPositions = [Sample.company: 1]
            let outcome = try await model.append(commit, comparing: session.store)
            try expectEqual(outcome, .refused(.conflict), "Expecting another graph as it was")
            try await model.compare(with: session.store)
        },
        Case("a commit of another graph does not move a graph's position") { session in
            var model = ReferenceModel()
            try await model.append(Commit(Sample.events(2), to: Sample.company), comparing: session.store)
            try await model.append(
                Commit(Sample.events(2, to: Sample.account), to: Sample.account), comparing: session.store)
            var commit = Commit(events: [Sample.event()])
            commit.expectedGraphPositions = [Sample.company: 2]
            let outcome = try await model.append(commit, comparing: session.store)
            guard case .stored = outcome else {
                throw ConformanceFailure(
                    "Expecting a graph that did not change: expected a receipt, found \(outcome).")
            }
        },
    ]
}
