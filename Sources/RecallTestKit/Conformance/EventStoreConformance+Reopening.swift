// What was acknowledged is there after the store was closed and opened again, and so is what the store
// needs to judge new commits: versions, graph positions and event ids.

internal import Recall

extension EventStoreConformance {
    private static func reopening(
        _ name: String, _ body: @escaping @Sendable (ConformanceSession<any EventStore>) async throws -> Void
    ) -> Case {
        Case(name, needsReopening: true, body)
    }

    static let reopeningCases: [Case] = [
        reopening("an empty store is empty after reopening") { session in
            try await session.reopen()
            try await session.reopen()
            try await ReferenceModel().compare(with: session.store)
            let receipt = try await session.store.append(Commit([Sample.event()], to: Sample.company))
            try expectEqual(receipt.firstPosition, 1, "The position of the first event")
        },
        reopening("everything is there after reopening") { session in
            let model = try await Sample.fill(session.store)
            for _ in 0 ..< 3 {
                try await session.reopen()
                try await model.compare(with: session.store)
            }
        },
        reopening("positions and versions go on after reopening") { session in
            var model = ReferenceModel()
            for commit in Sample.history {
                try await model.append(commit, comparing: session.store)
                try await session.reopen()
            }
            try await model.compare(with: session.store)
        },
        reopening("event ids are known after reopening") { session in
            var model = try await Sample.fill(session.store)
            try await session.reopen()
            for commit in Sample.history {
                var repetition = commit
                repetition.expectedVersions = [Sample.company: .noStream]
                let outcome = try await model.append(repetition, comparing: session.store)
                guard case .stored(let receipt) = outcome, receipt.wasStoredBefore else {
                    throw ConformanceFailure(
                        "Repeating a commit after reopening: expected the first receipt, found \(outcome).")
                }
            }
            var other = Sample.history[3].events[0]
            other.tags.append("other")
            try await expectError(
                .eventIDReused, from: "Appending a stored id with other tags after reopening"
            ) {
                try await session.store.append(Commit(events: [other]))
            }
            let mixed = Commit(events: [Sample.history[5].events[0], Sample.event(to: Sample.absent)])
            try await expectError(
                .duplicateEventID, from: "Mixing a stored id with a new one after reopening"
            ) {
                try await session.store.append(mixed)
            }
            try await model.compare(with: session.store)
        },
        reopening("versions and graphs are known after reopening") { session in
            var model = try await Sample.fill(session.store)
            try await session.reopen()
            for (entity, root, _) in Sample.roots {
                let version = model.version(of: entity)
                for expected in [ExpectedVersion.exact(version.next), .exact(version.previous), .noStream] {
                    try await model.append(
                        Commit([Sample.event(to: entity, root: root)], to: entity, expecting: expected),
                        comparing: session.store)
                }
                var commit = Commit(
                    [Sample.event(to: entity, root: root)], to: entity, expecting: .exact(version))
                commit.expectedGraphPositions = [root: model.status(of: root)?.graphPosition ?? 0]
                try await model.append(commit, comparing: session.store)
            }
            try await model.compare(with: session.store)
        },
        reopening("binary payloads and texts are the same after reopening") { session in
            var model = ReferenceModel()
            for text in ["e\u{301}", "a\u{0}b", "👩‍🚀", "\u{202E}שלום"] {
                var event = Sample.event(EventType(text), payload: text)
                event.metadata = [text: text]
                event.tags = [EventTag(text)]
                event.payload.append(contentsOf: 0 ... 255)
                try await model.append(Commit(events: [event]), comparing: session.store)
            }
            try await session.reopen()
            try await model.compare(with: session.store)
        },
        reopening("a large commit is there after reopening") { session in
            var model = ReferenceModel()
            var large = Sample.event()
            large.payload.append(contentsOf: [UInt8](repeating: 7, count: 3 << 20))
            try await model.append(
                Commit(events: [Sample.event(), large] + Sample.events(500)), comparing: session.store)
            try await session.reopen()
            try await model.compare(with: session.store)
        },
        reopening("1,000 reopenings with a commit each") { session in
            var version = Version.beforeFirst
            for round in 1 ... 1_000 as ClosedRange<UInt64> {
                let receipt = try await session.store.append(
                    Commit([Sample.event()], to: Sample.company, expecting: .exact(version)))
                version = version.next
                try expectEqual(receipt.lastPosition, Position(round), "The position in round \(round)")
                try await session.reopen()
                try expectEqual(
                    try await session.store.lastPosition(), Position(round),
                    "The last position after reopening \(round)")
            }
            let events = try await session.store.readToEnd(EventQuery())
            try expectEqual(
                events.map(\.position.rawValue), Array(1 ... 1_000), "The positions after 1,000 reopenings")
            try expectEqual(
                events.map(\.version.rawValue), Array(1 ... 1_000), "The versions after 1,000 reopenings")
        },
    ]
}
