// The suite for stores of snapshots. They may lose a snapshot at any time, but the suite runs where
// nothing is lost: what was saved and not superseded is there. Never may other bytes come back.

public import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every store of snapshots has to do, case by case.
public enum SnapshotStoreConformance {
    /// One condition of the suite, to be given to a parametrised test.
    public typealias Case = ConformanceCase<any SnapshotStore>
    /// How a case gets the store that it runs on.
    public typealias Subject = ConformanceSubject<any SnapshotStore>

    /// Every case.
    public static let cases: [Case] = savingCases + payloadCases + reopeningCases

    private static func snapshot(
        of aggregate: AggregateID = Sample.company, at position: Position = 10,
        payload: Data = Data("{}".utf8)
    ) -> Snapshot {
        Snapshot(
            aggregateID: aggregate, aggregateType: "Company", version: Version(position.rawValue / 2),
            position: position, schemaFingerprint: 0xFEDC_BA98_7654_3210 &+ position.rawValue,
            time: Timestamp(microsecondsSince1970: Int64(position.rawValue) * 1_000_001), payload: payload)
    }

    private static func expectLatest(
        _ expected: Snapshot?, of aggregate: AggregateID = Sample.company, in store: any SnapshotStore,
        _ what: String
    ) async throws {
        let found = try await store.latest(of: aggregate)
        if found == expected { return }
        let brief = { (snapshot: Snapshot?) in
            snapshot.map {
                "version \($0.version), position \($0.position), type \($0.aggregateType), fingerprint \($0.schemaFingerprint), time \($0.time.microsecondsSince1970), \($0.payload.count) bytes"
            } ?? "none"
        }
        throw ConformanceFailure(
            "\(what): expected the snapshot (\(brief(expected))), found (\(brief(found)))\(found?.payload == expected?.payload ? "" : ", with another payload")."
        )
    }

    private static let savingCases: [Case] = [
        Case("an empty store has no snapshot") { session in
            try await expectLatest(nil, in: session.store, "The latest of an empty store")
        },
        Case("a saved snapshot comes back with every field") { session in
            try await session.store.save(snapshot())
            try await expectLatest(snapshot(), in: session.store, "The latest after saving one")
            try await expectLatest(
                nil, of: Sample.account, in: session.store, "The latest of another aggregate")
        },
        Case("extreme values come back") { session in
            for (number, value) in [UInt64.max, 1, 1 << 63, 0].enumerated() {
                let id = AggregateID(number: value)
                let extreme = Snapshot(
                    aggregateID: id, aggregateType: number == 3 ? "" : "Größe 👩‍🚀 e\u{301}",
                    version: Version(value), position: Position(value), schemaFingerprint: value,
                    time: Timestamp(microsecondsSince1970: number.isMultiple(of: 2) ? .min : .max),
                    payload: Data())
                try await session.store.save(extreme)
                try await expectLatest(extreme, of: id, in: session.store, "The latest of extreme values")
            }
        },
        Case("a newer snapshot takes the place of an older one") { session in
            for position in [1, 2, 3, 50, 1_000] as [Position] {
                let saved = snapshot(at: position, payload: Data("\(position)".utf8))
                try await session.store.save(saved)
                try await expectLatest(saved, in: session.store, "The latest after position \(position)")
            }
        },
        Case("a snapshot of a lower position is left out") { session in
            try await session.store.save(snapshot(at: 10))
            for position in [9, 1, 0] as [Position] {
                try await session.store.save(snapshot(at: position, payload: Data("old".utf8)))
                try await expectLatest(
                    snapshot(at: 10), in: session.store, "The latest after position 10, then \(position)")
            }
        },
        Case("a snapshot of the same position takes the place of the other") { session in
            try await session.store.save(snapshot())
            let other = snapshot(payload: Data("other schema".utf8))
            try await session.store.save(other)
            try await expectLatest(other, in: session.store, "The latest after two of one position")
        },
        Case("every field of a newer snapshot is taken over") { session in
            try await session.store.save(snapshot(payload: Data("first".utf8)))
            let newer = Snapshot(
                aggregateID: Sample.company, aggregateType: "Renamed", version: 2, position: 11,
                schemaFingerprint: 7, time: Timestamp(microsecondsSince1970: -1), payload: Data([0]))
            try await session.store.save(newer)
            try await expectLatest(newer, in: session.store, "The latest after another of other fields")
        },
        Case("a removed snapshot is gone") { session in
            try await session.store.save(snapshot())
            try await session.store.save(snapshot(of: Sample.account))
            try await session.store.remove(Sample.company)
            try await expectLatest(nil, in: session.store, "The latest after removing it")
            try await expectLatest(
                snapshot(of: Sample.account), of: Sample.account, in: session.store, "The latest of another")
            try await session.store.remove(Sample.company)
            try await session.store.remove(Sample.absent)
        },
        Case("after a removal a snapshot of a lower position can be saved") { session in
            try await session.store.save(snapshot(at: 10))
            try await session.store.remove(Sample.company)
            try await session.store.save(snapshot(at: 4))
            try await expectLatest(snapshot(at: 4), in: session.store, "The latest after a removal")
        },
        Case("snapshots of 1,000 aggregates are kept apart") { session in
            let ids = (0 ..< 1_000).map { AggregateID(number: UInt64($0) * 0x0101_0101_0101) }
            for (number, id) in ids.enumerated() {
                try await session.store.save(snapshot(of: id, at: 5, payload: Data("\(number)".utf8)))
            }
            for (number, id) in ids.enumerated() where number.isMultiple(of: 2) {
                try await session.store.save(snapshot(of: id, at: 6, payload: Data("\(number) again".utf8)))
            }
            for (number, id) in ids.enumerated() {
                let expected =
                    number.isMultiple(of: 2)
                    ? snapshot(of: id, at: 6, payload: Data("\(number) again".utf8))
                    : snapshot(of: id, at: 5, payload: Data("\(number)".utf8))
                try await expectLatest(
                    expected, of: id, in: session.store, "The latest of aggregate \(number)")
            }
        },
        Case("the newest of concurrent snapshots is kept") { session in
            let store = session.store
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0 ..< 200 as Range<UInt64> {
                    group.addTask {
                        let id = AggregateID(number: number % 4 + 1)
                        try await store.save(
                            snapshot(of: id, at: Position(number + 1), payload: Data("\(number)".utf8)))
                        let position = try await store.latest(of: id)?.position ?? 0
                        try expect(
                            position >= Position(number + 1),
                            "The latest beside writers: expected at least position \(number + 1), found \(position)."
                        )
                    }
                }
                try await group.waitForAll()
            }
            for number in 196 ..< 200 as Range<UInt64> {
                let id = AggregateID(number: number % 4 + 1)
                try await expectLatest(
                    snapshot(of: id, at: Position(number + 1), payload: Data("\(number)".utf8)), of: id,
                    in: store,
                    "The latest after 50 concurrent ones")
            }
        },
    ]

    private static let payloadCases: [Case] = {
        var generator = SeededGenerator(seed: 12)
        let noise = Data((0 ..< 3_000_000).map { _ in UInt8.random(in: 0 ... 255, using: &generator) })
        let payloads: [(String, Data)] = [
            ("no bytes", Data()), ("all 256 values of a byte", Data(0 ... 255)),
            ("bytes that are no text", Data([0xFF, 0x00, 0xC3, 0x28])),
            ("4 MiB of zeros", Data(count: 4 << 20)),
            ("3 MB of noise", noise), ("a slice of other data", noise[100 ..< 900]),
        ]
        return payloads.map { name, payload in
            Case("a payload comes back as it was: \(name)") { session in
                let saved = snapshot(payload: payload)
                try await session.store.save(saved)
                try await expectLatest(saved, in: session.store, "The latest with a payload of \(name)")
            }
        }
    }()

    private static let reopeningCases: [Case] = [
        Case("snapshots are there after reopening", needsReopening: true) { session in
            let ids = (1 ... 100).map { AggregateID(number: UInt64($0)) }
            for position in [3, 4] as [Position] {
                for id in ids { try await session.store.save(snapshot(of: id, at: position)) }
            }
            try await session.store.remove(ids[0])
            for _ in 0 ..< 2 {
                try await session.reopen()
                try await expectLatest(
                    nil, of: ids[0], in: session.store, "The latest of a removed one after reopening")
                for id in ids.dropFirst() {
                    try await expectLatest(
                        snapshot(of: id, at: 4), of: id, in: session.store, "The latest after reopening")
                }
            }
            try await session.store.save(snapshot(of: ids[1], at: 2))
            try await expectLatest(
                snapshot(of: ids[1], at: 4), of: ids[1], in: session.store,
                "The latest after a lower position")
        },
        Case("100 reopenings with a snapshot each", needsReopening: true) { session in
            for round in 1 ... 100 as ClosedRange<UInt64> {
                try await session.store.save(snapshot(at: Position(round)))
                try await session.reopen()
                try await expectLatest(
                    snapshot(at: Position(round)), in: session.store, "The latest after reopening \(round)")
            }
        },
    ]
}
