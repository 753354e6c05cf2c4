// Every expected version against every kind of stream, with the whole outcome: the receipt, or the
// conflict with both versions and nothing written.

internal import Recall

extension EventStoreConformance {
    static let expectedVersionCases: [Case] =
        [
            .any, .noStream, .streamExists, .exact(0), .exact(1), .exact(2), .exact(3), .exact(4),
            .exact(.last),
        ]
        .flatMap { (expected: ExpectedVersion) in
            [0, 1, 3].map { (count: Int) in
                Case("expecting \(expected) of a stream of \(count) events") { session in
                    try await check(expected, ofStreamOf: count, in: session.store)
                }
            }
        } + [
            Case("a conflict does not name a stream that is as expected") { session in
                _ = try await session.store.append(Commit(Sample.events(2), to: Sample.company))
                let commit = Commit(
                    events: [Sample.event(to: Sample.company), Sample.event(to: Sample.account)],
                    expectedVersions: [Sample.company: .exact(2), Sample.account: .exact(5)])
                let error = try await expectError(.conflict, from: "Expecting version 5 of an absent stream")
                {
                    try await session.store.append(commit)
                }
                try expectEqual(
                    error.versionConflict,
                    StoreError.VersionConflict(
                        aggregateID: Sample.account, expected: .exact(5), actual: 0),
                    "The versions of the conflict")
            },
            Case("of two commits with the same expected version one is stored") { session in
                _ = try await session.store.append(Commit(Sample.events(1), to: Sample.company))
                let commits = (0 ..< 2).map { _ in
                    Commit(Sample.events(2), to: Sample.company, expecting: .exact(1))
                }
                _ = try await session.store.append(commits[0])
                try await expectError(.conflict, from: "The second of two commits expecting version 1") {
                    try await session.store.append(commits[1])
                }
                try expectEqual(try await session.store.lastPosition(), 3, "The last position after both")
            },
            Case("a stream can be expected as it was left by the commit before") { session in
                var version = Version.beforeFirst
                for count in [1, 2, 7, 1, 3] {
                    let receipt = try await session.store.append(
                        Commit(Sample.events(count), to: Sample.company, expecting: .exact(version)))
                    version = version.advanced(by: UInt64(count))
                    try expectEqual(receipt.versions, [Sample.company: version], "The version in the receipt")
                }
            },
        ]

    private static func check(
        _ expected: ExpectedVersion, ofStreamOf count: Int, in store: any EventStore
    ) async throws {
        var model = ReferenceModel()
        try await model.append(
            Commit(Sample.events(2, to: Sample.account), to: Sample.account), comparing: store)
        if count > 0 {
            try await model.append(Commit(Sample.events(count), to: Sample.company), comparing: store)
        }
        let actual = Version(UInt64(count))
        let commit = Commit(Sample.events(2), to: Sample.company, expecting: expected)
        let what = "Appending expecting \(expected) of a stream of \(count) events"
        // Written out here and not asked of `accepts`, which a store may use itself.
        let shouldBeStored =
            switch expected {
            case .any: true
            case .noStream: count == 0
            case .streamExists: count > 0
            case .exact(let version): version.rawValue == UInt64(count)
            }
        if shouldBeStored {
            let receipt = try await store.append(commit)
            _ = model.append(commit, time: Timestamp(microsecondsSince1970: 0))
            try expectEqual(
                receipt,
                CommitReceipt(
                    firstPosition: Position(UInt64(count) + 3), lastPosition: Position(UInt64(count) + 4),
                    versions: [Sample.company: actual.advanced(by: 2)], wasStoredBefore: false),
                what)
        } else {
            let error = try await expectError(.conflict, from: what) { try await store.append(commit) }
            try expectEqual(
                error.versionConflict,
                StoreError.VersionConflict(
                    aggregateID: Sample.company, expected: expected, actual: actual),
                "The versions of the conflict")
        }
        let ids = try await store.readToEnd(EventQuery()).map(\.id)
        try expectEqual(ids, model.events.map(\.id), "The ids after it")
        try expectEqual(try await store.lastPosition(), model.lastPosition, "The last position after it")
        try expectEqual(
            try await store.status(of: Sample.company), model.status(of: Sample.company),
            "The status after it")
    }
}
