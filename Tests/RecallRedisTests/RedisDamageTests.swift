// What Recall did not write under the store's keys: it is an error that names the place, and nothing is written over it.

import Foundation
import Recall
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisDamageTests {
    private static let stream = AggregateID()

    private func event(_ payload: String = "{}") -> NewEvent {
        NewEvent(aggregateID: Self.stream, type: "Happened", tags: ["a"], payload: Data(payload.utf8))
    }

    /// A store with three events, and the name of its keys.
    private func filled() async throws -> (RedisServer, RedisEventStore, StoreKeys) {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(Commit([event("1"), event("2"), event("3")], to: Self.stream))
        return (server, store, StoreKeys(name: configuration.name))
    }

    @Test(arguments: ["log", "head", "ids", "about", "stream", "graph"])
    func aKeyOfAnotherTypeIsDamageAndNothingIsWritten(_ name: String) async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let keys = StoreKeys(name: configuration.name)
        let store = try await RedisEventStore.open(configuration)
        let all = [
            "log": keys.log, "head": keys.head, "ids": keys.ids, "about": keys.about,
            "stream": keys.stream(Self.stream), "graph": keys.graph(Self.stream),
        ]
        let key = try #require(all[name])
        try server.call("SET", key, "something else")
        let error = await #expect(throws: StoreError.self) {
            try await store.append(Commit([event()], to: Self.stream))
        }
        #expect(error?.code == .damaged)
        #expect(try server.call("KEYS", "{\(configuration.name)}:*").elements?.count == 1)
        #expect(try server.call("GET", key).text == "something else")
        store.close()
    }

    /// Ways to change the body of the event at position 2.
    static let forgeries: [(String, @Sendable ([UInt8]) -> [UInt8])] = [
        ("empty", { _ in [] }),
        ("only a version", { _ in [1] }),
        ("another version", { [2] + $0.dropFirst() }),
        ("a byte less", { Array($0.dropLast()) }),
        ("a byte more", { $0 + [0] }),
        (
            "another byte in the middle",
            { body in
                var body = body
                body[body.count / 2] ^= 1
                return body
            }
        ),
        (
            "another checksum",
            { body in
                var body = body
                body[body.count - 1] ^= 0x80
                return body
            }
        ),
        (
            "a length beyond the end, with a checksum that holds",
            { body in
                forged(body) { $0[50] = 0x7F }
            }
        ),
        (
            "a length of ten bytes, with a checksum that holds",
            { body in
                forged(body) { $0.replaceSubrange(50 ... 50, with: [UInt8](repeating: 0xFF, count: 9) + [1]) }
            }
        ),
        ("schema version 0, with a checksum that holds", { body in forged(body) { $0[49] = 0 } }),
        ("no UTF-8, with a checksum that holds", { body in forged(body) { $0[51] = 0xFF } }),
        ("bytes behind the payload, with a checksum that holds", { body in forged(body) { $0.append(7) } }),
    ]

    /// Changes what stands before the checksum, and makes a new one.
    private static func forged(_ body: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var content = Array(body.dropLast(EventBody.checksumBytesCount))
        change(&content)
        return content + EventBody.checksum(content[...])
    }

    @Test(arguments: forgeries.map(\.0))
    func aForgedBodyIsDamageWithItsPosition(_ name: String) async throws {
        let (server, store, keys) = try await filled()
        let forge = try #require(Self.forgeries.first { $0.0 == name }).1
        try Self.rewriteLog(of: server, keys) { position, fields in
            if position == 2 { fields[5] = .string(forge(fields[5].bytes ?? [])) }
        }
        for query in [EventQuery(), EventQuery(.aggregate(Self.stream)), EventQuery(direction: .backwards)] {
            let error = await #expect(throws: StoreError.self) { try await store.read(query) }
            #expect(error?.code == .damaged)
            #expect(error?.damagedPositions == 2 ... 2)
        }
        // The rest is readable around it.
        #expect(try await store.read(EventQuery(positions: 3 ... .last)).events.map(\.position) == [3])
        store.close()
    }

    @Test(arguments: ["v", "t", "b"])
    func aFieldOfAnotherFormIsDamage(_ field: String) async throws {
        let (server, store, keys) = try await filled()
        try Self.rewriteLog(of: server, keys) { position, fields in
            let index = try #require(["v", "t", "b"].firstIndex(of: field)) * 2 + 1
            if position == 2 { fields[index] = .string(Array("x1".utf8)) }
        }
        let error = await #expect(throws: StoreError.self) { try await store.read(EventQuery()) }
        #expect(error?.code == .damaged)
        #expect(error?.damagedPositions == 2 ... 2)
        store.close()
    }

    @Test func aMissingEventIsDamageForReadingAndAppending() async throws {
        let (server, store, keys) = try await filled()
        try server.call("XDEL", keys.log, "2-0")
        let reading = await #expect(throws: StoreError.self) { try await store.read(EventQuery()) }
        #expect(reading?.code == .damaged)
        let appending = await #expect(throws: StoreError.self) {
            try await store.append(Commit(events: [event()]))
        }
        #expect(appending?.code == .damaged)
        #expect(appending?.message.contains("nothing was written") == true)
        store.close()
    }

    @Test(arguments: ["1", "9", "x", "18446744073709551616", "-1"])
    func aForgedListOfPositionsIsDamage(_ value: String) async throws {
        let (server, store, keys) = try await filled()
        try server.call("LSET", keys.stream(Self.stream), "1", value)
        let error = await #expect(throws: StoreError.self) {
            try await store.read(EventQuery(.aggregate(Self.stream)))
        }
        #expect(error?.code == .damaged)
        store.close()
    }

    @Test func anEventOfAnotherAggregateInAListIsDamage() async throws {
        let (server, store, keys) = try await filled()
        let other = AggregateID()
        try server.call("RPUSH", keys.stream(other), "1")
        let error = await #expect(throws: StoreError.self) {
            try await store.read(EventQuery(.aggregate(other)))
        }
        #expect(error?.code == .damaged)
        store.close()
    }

    @Test func positionsEndAtTwoToThe53() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let keys = StoreKeys(name: configuration.name)
        let store = try await RedisEventStore.open(configuration)
        // A log that pretends to hold all these events: its length cannot be forged, so the script sees damage first.
        try server.call("XADD", keys.head, "9007199254740991-0", "p", "")
        let error = await #expect(throws: StoreError.self) {
            try await store.append(Commit(events: [event()]))
        }
        #expect(error?.code == .damaged)
        let page = try await store.read(EventQuery(positions: Position(1 << 60) ... .last))
        #expect(page.events.isEmpty && page.next == nil)
        store.close()
    }

    @Test func aNewerFormatIsRefused() async throws {
        let (server, store, keys) = try await filled()
        try server.call("HSET", keys.about, "format", "2")
        let appending = await #expect(throws: StoreError.self) {
            try await store.append(Commit(events: [event()]))
        }
        #expect(appending?.code == .unsupported)
        store.close()
        var configuration = server.configuration()
        configuration.name = String(keys.log.dropFirst().prefix { $0 != "}" })
        let opening = await #expect(throws: StoreError.self) { try await RedisEventStore.open(configuration) }
        #expect(opening?.code == .unsupported)
    }

    /// Writes the log anew, entry by entry, with changes.
    private static func rewriteLog(
        of server: RedisServer, _ keys: StoreKeys, _ change: (UInt64, inout [RedisReply]) throws -> Void
    ) throws {
        let entries = try #require(try server.call("XRANGE", keys.log, "-", "+").elements)
        try server.call("DEL", keys.log)
        let connection = try RedisConnection(
            to: server.address, tls: nil, commandTimeout: .seconds(30), until: .after(.seconds(30)))
        for entry in entries {
            let parts = try #require(entry.elements)
            let id = try #require(parts[0].text)
            var fields = try #require(parts[1].elements)
            try change(UInt64(id.dropLast(2)) ?? 0, &fields)
            var command = RedisCommand("XADD", keys.log, id)
            for field in fields { command.append(field.bytes ?? []) }
            _ = try connection.call(command)
        }
    }
}
