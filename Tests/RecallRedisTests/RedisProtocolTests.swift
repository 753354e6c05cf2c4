// Bytes from the network and from the store's values: whatever they are, they are an answer or an error.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite struct RedisProtocolTests {
    /// What the reader makes of bytes: an answer, nothing yet (nil), or an error.
    private func parse(_ bytes: [UInt8]) throws -> RedisReply? {
        var reader = try ReplyReader()
        try bytes.withUnsafeBytes { try reader.feed($0) }
        return try reader.next()
    }

    @Test func answersOfEveryKindAreRead() throws {
        let answers: [(String, RedisReply)] = [
            ("+OK\r\n", .status("OK")), (":-12\r\n", .integer(-12)), ("$-1\r\n", .null), ("*-1\r\n", .null),
            ("$0\r\n\r\n", .string([])), ("*0\r\n", .array([])),
            ("-MOVED 1 a:2\r\n", .error(RedisServerError(text: "MOVED 1 a:2"))),
            (
                "*3\r\n*2\r\n:1\r\n$2\r\nab\r\n$-1\r\n+x\r\n",
                .array([.array([.integer(1), .string([97, 98])]), .null, .status("x")])
            ),
        ]
        for (text, reply) in answers {
            let bytes = Array(text.utf8)
            #expect(try parse(bytes) == reply)
            // In pieces, each of which is not enough.
            for count in 0 ..< bytes.count { #expect(try parse(Array(bytes[..<count])) == nil) }
        }
    }

    /// Among them a number of floating point and a truth value: hiredis from version 1 on reads both, and gave the number of their
    /// type for a pointer to an answer, since nobody made any of them, so that eight bytes from the network stopped the process.
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n", "*2000000000\r\n", "*65537\r\n", "$-7\r\n", ":x\r\n", "*-3\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "\u{0}\u{0}",
        "$99999999999999999999\r\n", ",1.5\r\n", "#t\r\n", "*2\r\n:1\r\n,1.5\r\n",
    ])
    func whatIsNoAnswerIsAnError(_ text: String) {
        #expect(throws: RedisFailure.self) { try parse(Array(text.utf8)) }
    }

    @Test func randomBytesNeverStopTheReader() throws {
        for seed in TestEffort.seeds(1 ... 300) {
            var generator = SeededGenerator(seed: seed)
            let alphabet = Array("*$:+-0123456789\r\n\r\n\r\nab".utf8)
            var reader = try ReplyReader()
            for _ in 0 ..< 50 {
                let bytes = (0 ..< 20).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
                do {
                    try bytes.withUnsafeBytes { try reader.feed($0) }
                    while try reader.next() != nil {}
                } catch { break }
            }
        }
    }

    @Test func commandsHaveTheFormOfTheProtocol() {
        var command = RedisCommand("SET")
        command.append([0, 13, 10])
        command.append("")
        let text = command.withEncoded { Array($0) }
        #expect(text == Array("*3\r\n$3\r\nSET\r\n$3\r\n\u{0}\r\n\r\n$0\r\n\r\n".utf8))
    }

    @Test func pausesDoubleUpToTheLongestAndAreSpread() {
        var configuration = RedisStoreConfiguration(name: "a", host: "b")
        configuration.retryPauseFirst = .milliseconds(10)
        configuration.retryPauseLongest = .milliseconds(50)
        for (unit, expected) in [
            (1.0, [10, 20, 40, 50, 50]), (0, [5, 10, 20, 25, 25]), (7, [10, 20, 40, 50, 50]),
        ] {
            configuration.randomUnit = { unit }
            var pause = RetryPause(configuration)
            #expect((0 ..< 5).map { _ in pause.take() } == expected.map { Duration.milliseconds($0) })
        }
    }

    @Test func slotsAreThoseOfTheSpecification() {
        #expect(ClusterSlot.crc16(Array("123456789".utf8)) == 0x31C3)
        #expect(ClusterSlot.number(of: "foo") == 12182)
        #expect(ClusterSlot.number(of: "") == 0)
    }

    @Test func eachEventHasOneEncodingAndComesBack() throws {
        var event = NewEvent(
            aggregateID: AggregateID(), rootID: AggregateID(), aggregateType: "Thing", type: "Happened",
            schemaVersion: .max, contentType: "", metadata: ["": "", "b": "é", "a": "e\u{301}"],
            tags: ["", "x", ""],
            payload: Data([0, 255, 13, 10]))
        let time = Timestamp(microsecondsSince1970: .min)
        let body = EventBody.encode(event)
        for _ in 0 ..< 20 {
            // Dictionaries of equal values go through them in different orders.
            event.metadata = EventMetadata(
                Dictionary(uniqueKeysWithValues: event.metadata.values.shuffled().map { ($0.key, $0.value) }))
            #expect(EventBody.encode(event) == body)
        }
        let decoded = try #require(EventBody.decode(body, position: 7, version: 3, time: time))
        #expect(decoded == RecordedEvent(event, position: 7, version: 3, time: time))
        for count in 0 ..< body.count {
            #expect(EventBody.decode(Array(body[..<count]), position: 7, version: 3, time: time) == nil)
        }
    }

    /// With a checksum that holds, so that it is the parts themselves that are read with care.
    @Test func forgedBodiesAreAnEventOrNone() throws {
        let event = NewEvent(
            aggregateID: AggregateID(), type: "Happened", metadata: ["k": "v"], tags: ["t"],
            payload: Data("{}".utf8))
        let content = Array(EventBody.encode(event).dropLast(EventBody.checksumBytesCount))
        for index in content.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var forged = content
                forged[index] = value
                let body = forged + EventBody.checksum(forged[...])
                let time = Timestamp(microsecondsSince1970: 0)
                guard let decoded = EventBody.decode(body, position: 1, version: 1, time: time) else {
                    continue
                }
                // What is taken for an event must be the encoding of that event.
                let again = NewEvent(
                    id: decoded.id, aggregateID: decoded.aggregateID, rootID: decoded.rootID,
                    aggregateType: decoded.aggregateType, type: decoded.type,
                    schemaVersion: decoded.schemaVersion,
                    contentType: decoded.contentType, metadata: decoded.metadata, tags: decoded.tags,
                    payload: decoded.payload)
                #expect(EventBody.encode(again) == body, "byte \(index) as \(value)")
            }
        }
    }

    @Test func mapsOfAClusterAreCheckedPartByPart() throws {
        let node = RedisReply.array([.string(Array("10.0.0.1".utf8)), .integer(7000), .string([])])
        let nameless = RedisReply.array([.null, .integer(7001)])
        let source = RedisAddress.tcp(host: "here", port: 1)
        let map = try ClusterMap(
            .array([
                .array([.integer(0), .integer(100), node, nameless]),
                .array([.integer(101), .integer(16383), nameless]),
            ]), from: source)
        #expect(map.master(of: 100) == .tcp(host: "10.0.0.1", port: 7000))
        #expect(map.master(of: 101) == .tcp(host: "here", port: 7001))
        #expect(map.nodes.count == 2)
        let wrong: [RedisReply] = [
            .null, .array([.null]), .array([.array([.integer(0), .integer(1)])]),
            .array([.array([.integer(5), .integer(1), node])]),
            .array([.array([.integer(0), .integer(16384), node])]),
            .array([.array([.integer(-1), .integer(1), node])]),
            .array([.array([.integer(0), .integer(1), .array([.string([]), .integer(65536)])])]),
        ]
        for reply in wrong {
            #expect(throws: RedisFailure.self) { _ = try ClusterMap(reply, from: source) }
        }
    }
}
