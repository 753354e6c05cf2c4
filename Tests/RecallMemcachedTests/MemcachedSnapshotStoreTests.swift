// Sizes, expiry, forged values, eviction and writers that race, on a real server.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallMemcached

@Suite(.needsMemcached) struct MemcachedSnapshotStoreTests {
    /// Nothing, a byte, and around the size of an item: where a payload begins to be divided, and where it ends in a whole part.
    @Test func payloadsOfEverySizeComeBack() async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port]) { $0.itemBytesMax = 4_096 }
        let store = try MemcachedSnapshotStore(configuration)
        let client = try MemcachedClient(configuration, FailureBook(configuration))
        let part = configuration.partBytesMax
        // What the head takes beside the payload, with an aggregate type of any length.
        let whole = part - SnapshotValue.headerSize - 255
        let sizes: [(size: Int, partCount: Int)] = [
            (0, 0), (1, 0), (2_000, 0), (whole - 1, 0), (whole, 0), (whole + 1, 1), (part - 1, 1), (part, 1),
            (part + 1, 2), (2 * part, 2), (3 * part, 3), (3 * part + 1, 4), (50_000, 17),
        ]
        for (number, (size, partCount)) in sizes.enumerated() {
            let snapshot = MemcachedBench.snapshot(of: UInt64(number), bytes: size)
            try await store.save(snapshot)
            #expect(try await store.latest(of: snapshot.aggregateID) == snapshot, "\(size) bytes")
            let key = "\(configuration.namespace):\(snapshot.aggregateID)"
            let item = try #require(try client.get(key), "\(size) bytes")
            let value = SnapshotValue(
                decoding: item.value, of: snapshot.aggregateID, payloadBytesMax: configuration.payloadBytesMax
            )
            #expect(value?.parts?.count ?? 0 == partCount, "\(size) bytes")
        }
    }

    /// Items larger than the server takes: a missing snapshot and no error, and nothing of it that stays.
    @Test func snapshotInItemsThatTheServerDoesNotTakeIsMissing() async throws {
        let port = try await MemcachedBench.port
        let logs = RecordedLogs()
        let configuration = MemcachedBench.configuration([port], logs: logs) { $0.itemBytesMax = 1_500_000 }
        let store = try MemcachedSnapshotStore(configuration)
        let snapshot = MemcachedBench.snapshot(bytes: 1_400_000)
        try await store.save(snapshot)
        #expect(try await store.latest(of: snapshot.aggregateID) == nil)
        #expect(logs.lines.contains { $0.contains("set itemBytesMax to what the servers' option -I says") })
        let small = MemcachedBench.snapshot(bytes: 100)
        try await store.save(small)
        #expect(try await store.latest(of: small.aggregateID) == small)
    }

    /// The largest payload that is allowed, and a byte more.
    @Test func payloadOfTheLimitIsSaved() async throws {
        let port = try await MemcachedBench.port
        let store = try MemcachedSnapshotStore(
            MemcachedBench.configuration([port]) { $0.payloadBytesMax = 10_000 })
        let snapshot = MemcachedBench.snapshot(bytes: 10_000)
        try await store.save(snapshot)
        #expect(try await store.latest(of: snapshot.aggregateID) == snapshot)
        let error = await #expect(throws: StoreError.self) {
            try await store.save(MemcachedBench.snapshot(bytes: 10_001))
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test func dividedSnapshotGivesItsRoomBackWhenItIsReplacedOrRemoved() async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port]) { $0.itemBytesMax = 4_096 }
        let store = try MemcachedSnapshotStore(configuration)
        let client = try MemcachedClient(configuration, FailureBook(configuration))
        func parts(_ snapshot: Snapshot) throws -> [String] {
            let key = "\(configuration.namespace):\(snapshot.aggregateID)"
            let item = try #require(try client.get(key))
            let value = try #require(
                SnapshotValue(decoding: item.value, of: snapshot.aggregateID, payloadBytesMax: 1 << 20))
            let parts = try #require(value.parts)
            return (0 ..< parts.count).map { "\(key):\(String(parts.id, radix: 16)):\($0)" }
        }
        let first = MemcachedBench.snapshot(at: 1, bytes: 10_000)
        try await store.save(first)
        let firstParts = try parts(first)
        #expect(firstParts.count == 4)
        #expect(try firstParts.allSatisfy { try client.get($0) != nil })
        let second = MemcachedBench.snapshot(at: 2, bytes: 9_000)
        try await store.save(second)
        #expect(try firstParts.allSatisfy { try client.get($0) == nil })
        // One that is left out leaves nothing behind, and the kept one is whole.
        try await store.save(first)
        #expect(try await store.latest(of: first.aggregateID) == second)
        let secondParts = try parts(second)
        try await store.remove(second.aggregateID)
        #expect(try secondParts.allSatisfy { try client.get($0) == nil })
    }

    @Test func missingOrChangedPartIsAMissingSnapshot() async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port]) { $0.itemBytesMax = 4_096 }
        let store = try MemcachedSnapshotStore(configuration)
        let client = try MemcachedClient(configuration, FailureBook(configuration))
        let snapshot = MemcachedBench.snapshot(bytes: 9_000)
        let key = "\(configuration.namespace):\(snapshot.aggregateID)"
        for change in 0 ..< 3 {
            try await store.save(snapshot)
            let item = try #require(try client.get(key))
            let parts = try #require(
                SnapshotValue(decoding: item.value, of: snapshot.aggregateID, payloadBytesMax: 1 << 20)?.parts
            )
            let partKey = "\(key):\(String(parts.id, radix: 16)):1"
            var part = try #require(try client.get(partKey)?.value)
            switch change {
            case 0: try client.delete(partKey)
            case 1:
                part[5] ^= 1
                try client.set(partKey, part, expirySeconds: 0)
            default: try client.set(partKey, part.dropLast(), expirySeconds: 0)
            }
            #expect(try await store.latest(of: snapshot.aggregateID) == nil, "change \(change)")
            // It can be saved anew, although its head is still there.
            try await store.save(snapshot)
            #expect(try await store.latest(of: snapshot.aggregateID) == snapshot)
        }
    }

    @Test func forgedValuesAreMissingSnapshots() async throws {
        let port = try await MemcachedBench.port
        let logs = RecordedLogs()
        let configuration = MemcachedBench.configuration([port], logs: logs) { $0.logInterval = .zero }
        let store = try MemcachedSnapshotStore(configuration)
        let client = try MemcachedClient(configuration, FailureBook(configuration))
        let snapshot = MemcachedBench.snapshot()
        let key = "\(configuration.namespace):\(snapshot.aggregateID)"
        let right = SnapshotValue(snapshot).encoded()
        let other = SnapshotValue(MemcachedBench.snapshot(of: 2)).encoded()
        var forged: [Data] = [Data(), Data([0]), Data("<html>".utf8), other, Data(count: 200), right + [0]]
        forged += (0 ..< right.count).map { right.prefix($0) }
        forged += (0 ..< right.count * 8).map { bit in
            var bytes = right
            bytes[bit / 8] ^= 1 << (bit % 8)
            return bytes
        }
        // All of them are refused; a share of them goes over the network.
        for (number, bytes) in forged.enumerated() {
            #expect(
                SnapshotValue(decoding: bytes, of: snapshot.aggregateID, payloadBytesMax: 1 << 20) == nil,
                "number \(number)")
            guard number < 6 || number.isMultiple(of: 50) else { continue }
            try client.set(key, bytes, expirySeconds: 0)
            #expect(try await store.latest(of: snapshot.aggregateID) == nil, "number \(number)")
        }
        #expect(logs.lines.contains { $0.contains(key) })
        // What is no snapshot does not keep one from being saved.
        try await store.save(snapshot)
        #expect(try await store.latest(of: snapshot.aggregateID) == snapshot)
    }

    /// A head with a checksum that holds, and numbers that do not.
    @Test func forgedSizesOfPartsTakeNoMemory() async throws {
        let snapshot = MemcachedBench.snapshot(bytes: 0)
        let sizes: [(payload: Int, part: Int)] = [(1 << 40, 4096), (1 << 21, 4096), (5_000, 0), (5_000, 1)]
        for size in sizes {
            let parts = SnapshotValue.Parts(
                id: 1, payloadSize: size.payload, partSize: size.part, checksum: 0)
            let bytes = SnapshotValue(snapshot, parts: parts).encoded()
            #expect(
                SnapshotValue(decoding: bytes, of: snapshot.aggregateID, payloadBytesMax: 1 << 20) == nil)
        }
    }

    @Test func snapshotExpires() async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port]) { $0.expiry = .milliseconds(200) }
        let store = try MemcachedSnapshotStore(configuration)
        let snapshot = MemcachedBench.snapshot()
        try await store.save(snapshot)
        try await Eventually.holds("the end of a snapshot") {
            try await store.latest(of: snapshot.aggregateID) == nil
        }
    }

    @Test func longExpiryIsGivenAsAMoment() {
        var configuration = MemcachedBench.configuration([1])
        configuration.clock = .fixed(at: Timestamp(microsecondsSince1970: 1_000_000_000_000_000))
        let thirtyDays = 30 * 24 * 3600
        let cases: [(Duration?, Int)] = [
            (nil, 0), (.zero, 1), (.milliseconds(1), 1), (.milliseconds(1001), 2),
            (.seconds(thirtyDays), thirtyDays), (.seconds(thirtyDays + 1), 1_000_000_000 + thirtyDays + 1),
            (.seconds(-5), 1), (.seconds(Int64.max), .max),
        ]
        for (expiry, seconds) in cases {
            configuration.expiry = expiry
            #expect(configuration.expirySeconds == seconds, "\(String(describing: expiry))")
        }
    }

    /// The server throws out what it has no room for; what is left is whole.
    @Test func evictedSnapshotsAreMissingAndTheOthersWhole() async throws {
        let server = try MemcachedBench.server(megabytes: 8)
        try await server.start()
        let store = try MemcachedSnapshotStore(
            MemcachedBench.configuration([server.port]) { $0.itemBytesMax = 64 << 10 })
        var foundCount = 0
        for number in 1 ... 200 as ClosedRange<UInt64> {
            try await store.save(MemcachedBench.snapshot(of: number, bytes: 150_000))
        }
        for number in 1 ... 200 as ClosedRange<UInt64> {
            let found = try await store.latest(of: AggregateID(number: number))
            if found != nil { foundCount += 1 }
            #expect(found == nil || found == MemcachedBench.snapshot(of: number, bytes: 150_000))
        }
        #expect((1 ..< 200).contains(foundCount))
        try await server.stop()
    }

    @Test func writersOfTwoProcessesCannotSetASnapshotBack() async throws {
        let port = try await MemcachedBench.port
        let configuration = MemcachedBench.configuration([port])
        let stores = [
            try MemcachedSnapshotStore(configuration), try MemcachedSnapshotStore(configuration),
        ]
        for round in 0 ..< 20 as Range<UInt64> {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for position in (1 ... 30 as ClosedRange<UInt64>).shuffled() {
                    group.addTask {
                        try await stores[Int(position % 2)].save(
                            MemcachedBench.snapshot(of: round, at: Position(position)))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await stores[0].latest(of: AggregateID(number: round))?.position == 30)
        }
    }

    @Test func whatIsTooLargeIsRefused() async throws {
        let store = try MemcachedSnapshotStore(
            MemcachedBench.configuration([1]) { $0.payloadBytesMax = 100 })
        var long = MemcachedBench.snapshot()
        long.aggregateType = AggregateType(String(repeating: "x", count: 256))
        for snapshot in [MemcachedBench.snapshot(bytes: 101), long] {
            let error = await #expect(throws: StoreError.self) { try await store.save(snapshot) }
            #expect(error?.code == .limitExceeded)
        }
    }

    @Test func choicesThatMakeNoSenseAreRefused() {
        let changes: [@Sendable (inout MemcachedConfiguration) -> Void] = [
            { $0.servers = [] }, { $0.servers[0].host = "" }, { $0.servers[0].port = 0 },
            { $0.namespace = "" }, { $0.namespace = "a b" }, { $0.namespace = "a\r\nflush_all" },
            { $0.namespace = String(repeating: "x", count: 65) }, { $0.itemBytesMax = 100 },
            { $0.payloadBytesMax = -1 }, { $0.connectionCount = 0 },
        ]
        for change in changes {
            let error = #expect(throws: StoreError.self) {
                try MemcachedSnapshotStore(MemcachedBench.configuration([11_211], change))
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    /// RFC 3720, B.4.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0 ..< 32), 0x46DD_794E), ([UInt8]("123456789".utf8), 0xE306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func checksumIsCRC32C(bytes: [UInt8], checksum: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == checksum)
        for cut in bytes.indices {
            let first = bytes[..<cut].withUnsafeBytes { CRC32C.checksum($0) }
            #expect(bytes[cut...].withUnsafeBytes { CRC32C.checksum($0, after: first) } == checksum)
        }
    }
}
