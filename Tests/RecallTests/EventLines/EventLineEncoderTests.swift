// What replay prints: golden lines, and that append reads each of them back as the same event.

import Foundation
import RecallTestKit
import Testing

@testable import Recall

@Suite struct EventLineEncoderTests {
    static let aggregate = AggregateID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    static let eventID = EventID("0192f0c1-0000-7000-8000-000000000001")

    private func event(_ payload: Data) throws -> RecordedEvent {
        let event = NewEvent(
            id: try #require(Self.eventID), aggregateID: try #require(Self.aggregate),
            aggregateType: "Company", type: "EmployeeHired", payload: payload)
        return RecordedEvent(
            event, position: 7, version: 3, time: Timestamp(microsecondsSince1970: 1_795_428_930_123_456))
    }

    private func line(_ event: RecordedEvent) -> String {
        var buffer: [UInt8] = []
        EventLineEncoder.append(event, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    @Test func theLineOfAnEventIsAsTheContractSays() throws {
        var event = try event(Data("{\"name\": \"Fry\"}".utf8))
        event.metadata = ["correlationId": "c", "causationId": "a"]
        event.tags = ["company:planet-express"]
        #expect(
            line(event) == """
                {"position":7,"aggregate":"6f9619ff-8b86-d011-b42d-00c04fc964ff","aggregateType":"Company",\
                "version":3,"id":"0192f0c1-0000-7000-8000-000000000001","type":"EmployeeHired",\
                "time":"2026-11-23T10:15:30.123456Z","metadata":{"causationId":"a","correlationId":"c"},\
                "tags":["company:planet-express"],"data":{"name": "Fry"}}

                """)
    }

    @Test func whatIsNotTheDefaultStandsBeforeThePayload() throws {
        var event = try event(Data([0, 255]))
        event.rootID = try #require(AggregateID("0192f0c1-0000-7000-8000-000000000002"))
        event.schemaVersion = 2
        event.contentType = .binary
        #expect(
            line(event).hasSuffix(
                """
                "metadata":{},"tags":[],"root":"0192f0c1-0000-7000-8000-000000000002","schemaVersion":2,\
                "contentType":"application/octet-stream","dataBase64":"AP8="}

                """))
    }

    @Test(arguments: [
        ("{\n  \"a\": [1,\r\n 2]\n}", ContentType.json, "\"tags\":[],\"data\":{\"a\":[1,2]}}\n"),
        ("[1,\r2]", .json, "\"tags\":[],\"data\":[1,2]}\n"),
        (" {\"a\": 1} ", .json, "\"tags\":[],\"data\": {\"a\": 1} }\n"),
        ("1e400", .json, "\"tags\":[],\"data\":1e400}\n"),
        ("{bad", .json, "\"contentType\":\"application/json\",\"dataBase64\":\"e2JhZA==\"}\n"),
        ("", .json, "\"contentType\":\"application/json\",\"dataBase64\":\"\"}\n"),
        ("{}", "application/vnd.x+json", "\"contentType\":\"application/vnd.x+json\",\"data\":{}}\n"),
        ("{}", "text/plain", "\"contentType\":\"text/plain\",\"dataBase64\":\"e30=\"}\n"),
    ])
    func thePayloadIsPrintedAsItsTypeAsks(_ payload: String, _ contentType: ContentType, _ end: String) throws
    {
        var event = try event(Data(payload.utf8))
        event.contentType = contentType
        #expect(line(event).hasSuffix(end), "\(line(event))")
    }

    @Test func aPayloadThatIsNotUTF8IsPrintedAsBase64() throws {
        let text = line(try event(Data([0x22, 0xFF, 0x22])))
        #expect(text.hasSuffix("\"dataBase64\":\"Iv8i\"}\n"), "\(text)")
    }

    @Test(arguments: 0 ..< 200)
    func whatIsPrintedIsReadBackAsTheSameEvent(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        func text() -> String {
            String(
                (0 ..< Int.random(in: 0 ..< 12, using: &random)).map { _ in
                    "aé\u{1F600}\"\\\n\u{1}/ ".randomElement(using: &random) ?? "x"
                })
        }
        let payloads = ["{\"a\": [1, 2.50]}", "\"\\ud83d x\"", "null", "", "{", "\u{0}", text()]
        let types: [ContentType] = [.json, .binary, "application/vnd.x+json", "text/plain", ""]
        var event = try event(Data((payloads.randomElement(using: &random) ?? "").utf8))
        event.contentType = types.randomElement(using: &random) ?? .json
        event.aggregateType = AggregateType(text())
        event.type = EventType("T" + text())
        event.tags = (0 ..< Int.random(in: 0 ..< 4, using: &random)).map { _ in EventTag(text()) }
        for _ in 0 ..< Int.random(in: 0 ..< 4, using: &random) { event.metadata[text()] = text() }
        if Bool.random(using: &random) { event.rootID = AggregateID() }
        if Bool.random(using: &random) { event.schemaVersion = .max }
        event.time = Timestamp(
            microsecondsSince1970: Int64.random(in: 0 ..< 4_000_000_000_000_000, using: &random))
        let printed = line(event)
        #expect(printed.filter { $0 == "\n" }.count == 1)
        let decoded = try EventLineDecoder().decode(Array(printed.utf8).span).event
        #expect(event.hasSameBody(as: decoded), "seed \(seed): \(printed)")
        #expect(decoded.time == event.time)
    }
}
