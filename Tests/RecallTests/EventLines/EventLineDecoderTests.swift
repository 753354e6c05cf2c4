// A line of input is taken as it is meant, or refused with what was expected.

import Foundation
import Testing

@testable import Recall

@Suite struct EventLineDecoderTests {
    static let aggregate = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
    static let minimum = "\"aggregate\":\"\(aggregate)\",\"type\":\"A\""

    private func decode(_ text: String) throws -> EventLine {
        try EventLineDecoder().decode(Array(text.utf8).span)
    }

    @Test func theLeastLineGetsDefaults() throws {
        let line = try decode("{\(Self.minimum),\"data\":{}}")
        #expect(line.event.aggregateID == AggregateID(Self.aggregate))
        #expect(line.event.rootID == line.event.aggregateID)
        #expect(line.event.aggregateType == "")
        #expect(line.event.type == "A")
        #expect(line.event.schemaVersion == 1)
        #expect(line.event.time == nil)
        #expect(line.event.contentType == .json)
        #expect(line.event.metadata.isEmpty)
        #expect(line.event.tags.isEmpty)
        #expect(line.event.payload == Data("{}".utf8))
        #expect(line.expectedVersion == nil)
        let other = try decode("{\(Self.minimum),\"data\":{}}")
        #expect(line.event.id != other.event.id)
    }

    @Test func everyKeyIsTaken() throws {
        let line = try decode(
            """
            {"position":7,"aggregate":"6F9619FF-8B86-D011-B42D-00C04FC964FF","aggregateType":"Company",
             "version":3,"id":"0192f0c1-0000-7000-8000-000000000001","type":"Employee\\u0048ired",
             "time":"2026-11-23T12:15:30.123456+02:00","metadata":{"correlationId":"c","x":""},
             "tags":["company:planet-express","b"],"root":"0192f0c1-0000-7000-8000-000000000002",
             "schemaVersion":4,"contentType":"application/vnd.x+json","data":[1, 2],"expectedVersion":2}
            """)
        #expect(line.event.aggregateID.description == Self.aggregate)
        #expect(line.event.id.description == "0192f0c1-0000-7000-8000-000000000001")
        #expect(line.event.rootID.description == "0192f0c1-0000-7000-8000-000000000002")
        #expect(line.event.aggregateType == "Company")
        #expect(line.event.type == "EmployeeHired")
        #expect(line.event.time?.iso8601 == "2026-11-23T10:15:30.123456Z")
        #expect(line.event.metadata == ["correlationId": "c", "x": ""])
        #expect(line.event.tags == ["company:planet-express", "b"])
        #expect(line.event.schemaVersion == 4)
        #expect(line.event.contentType == "application/vnd.x+json")
        #expect(line.event.payload == Data("[1, 2]".utf8))
        #expect(line.expectedVersion == .exact(2))
    }

    @Test(arguments: [
        "1e400", "123456789012345678901234567890", "0.10", "-0", "\"\\u00e9\\/\"", "\"\\ud83d\"", "null",
        "{ \"b\" : 1,\"a\" :1, \"a\":2 }", "[1 ,\t2]", "\"é\"", "true",
    ])
    func thePayloadIsTheTextOfTheLine(_ value: String) throws {
        let line = try decode("{\(Self.minimum), \"data\" :  \(value)  }")
        #expect(line.event.payload == Data(value.utf8))
    }

    @Test(arguments: [
        ("\"any\"", ExpectedVersion.any), ("\"noStream\"", .noStream), ("\"streamExists\"", .streamExists),
        ("0", .exact(0)), ("18446744073709551615", .exact(.last)),
    ])
    func expectedVersionsAreTaken(_ text: String, _ expected: ExpectedVersion) throws {
        let line = try decode("{\(Self.minimum),\"data\":1,\"expectedVersion\":\(text)}")
        #expect(line.expectedVersion == expected)
    }

    @Test func bytesComeAsBase64() throws {
        let line = try decode("{\(Self.minimum),\"dataBase64\":\"AP8=\"}")
        #expect(line.event.payload == Data([0, 255]))
        #expect(line.event.contentType == .binary)
        let empty = try decode("{\(Self.minimum),\"dataBase64\":\"\",\"contentType\":\"text/plain\"}")
        #expect(empty.event.payload.isEmpty)
        #expect(empty.event.contentType == "text/plain")
        let json = try decode("{\(Self.minimum),\"dataBase64\":\"\",\"contentType\":\"application/json\"}")
        #expect(json.event.contentType == .json)
    }

    @Test(arguments: [
        ("", "expected an event as a JSON object"),
        ("[]", "found '[', expected an event as a JSON object (at byte 1)"),
        ("{", "the line ends too early, expected a key in double quotes"),
        ("{}", "the line has no \"aggregate\", expected a UUID"),
        (
            "{\"aggregate\":\"6f9619ff-8b86-d011-b42d-00c04fc964ff\",\"data\":1}",
            "no \"type\", expected the name"
        ),
        ("{\(minimum)}", "no \"data\", expected any JSON value under that key, or \"dataBase64\""),
        ("{\(minimum),\"data\":1} x", "found 'x', expected nothing behind the value"),
        ("{\(minimum),\"data\":1,}", "found '}', expected a key in double quotes"),
        ("{\(minimum),\"data\":}", "found '}', expected a value"),
        ("{\(minimum),\"data\":{\"a\":01}}", "leading zero"),
        ("{\(minimum),\"data\":\"\u{1}\"}", "found byte 0x1, expected control characters"),
        ("{\(minimum),\"data\":1,\"dataBase64\":\"\"}", "\"data\" and \"dataBase64\" both"),
        ("{\(minimum),\"dataBase64\":\"\",\"data\":1}", "\"data\" and \"dataBase64\" both"),
        (
            "{\(minimum),\"dataBase64\":\"A\"}",
            "\"dataBase64\" is no canonical Base64, expected it with padding"
        ),
        ("{\(minimum),\"dataBase64\":\"AA-_\"}", "\"dataBase64\" is no canonical Base64"),
        // Foundation reads each of these, and writes them in another way.
        ("{\(minimum),\"dataBase64\":\"AB==\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AAB=\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AA\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AAA\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AA=A\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AA==AAAA\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"====\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AAA A\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\" AAAA\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":\"AAAA\\n\"}", "\"dataBase64\" is no canonical Base64"),
        ("{\(minimum),\"dataBase64\":5}", "\"dataBase64\" is 5, expected Base64 in a string"),
        ("{\(minimum),\"data\":1,\"contentType\":\"text/plain\"}", "expected the payload as \"dataBase64\""),
        (
            "{\(minimum),\"data\":1,\"payload\":1}",
            "the key \"payload\" is unknown, expected position, aggregate"
        ),
        ("{\(minimum),\"data\":1,\"data\":2}", "the key \"data\" stands again, expected it once"),
        ("{\"aggregate\":5}", "\"aggregate\" is 5, expected a UUID"),
        ("{\"aggregate\":\"6f9619ff8b86d011b42d00c04fc964ff\"}", "expected a UUID"),
        ("{\"aggregate\":\"6f9619ff-8b86-d011-b42d-00c04fc964fg\"}", "expected a UUID"),
        ("{\"aggregate\":\"6f9619ff-8b86-d011-b42d-00c04fc964ff0\"}", "expected a UUID"),
        ("{\"id\":null}", "\"id\" is null, expected a UUID"),
        ("{\"root\":\"\"}", "\"root\" is \"\", expected a UUID"),
        ("{\"type\":\"\"}", "\"type\" is empty, expected the name"),
        ("{\"type\":[1]}", "\"type\" is [1], expected the name of the event's type as a string"),
        ("{\"aggregateType\":1}", "\"aggregateType\" is 1, expected a string"),
        ("{\"time\":0}", "\"time\" is 0, expected a time as a string"),
        ("{\"time\":\"yesterday\"}", "\"time\" is \"yesterday\", expected an RFC 3339 time"),
        ("{\"time\":\"2026-02-29T00:00:00Z\"}", "expected an RFC 3339 time"),
        ("{\"time\":\"2026-11-23T10:15:30\"}", "expected an RFC 3339 time"),
        ("{\"metadata\":[]}", "expected \"metadata\" to be an object of strings"),
        ("{\"metadata\":{\"a\":1}}", "found '1', expected the value of \"a\" in \"metadata\" to be a string"),
        ("{\"metadata\":{\"a\":\"\",\"a\":\"\"}}", "the key \"a\" of \"metadata\" stands again"),
        ("{\"metadata\":{\"a\":\"\"", "the line ends too early, expected a comma or }"),
        ("{\"tags\":{}}", "expected \"tags\" to be an array of strings"),
        ("{\"tags\":[\"a\",1]}", "found '1', expected each of \"tags\" to be a string"),
        ("{\"schemaVersion\":0}", "\"schemaVersion\" is 0, expected a whole number from 1"),
        ("{\"schemaVersion\":1.0}", "expected a whole number from 1"),
        ("{\"schemaVersion\":4294967296}", "expected a whole number from 1"),
        ("{\"schemaVersion\":\"1\"}", "expected a whole number from 1"),
        ("{\"expectedVersion\":-1}", "\"expectedVersion\" is -1, expected \"any\""),
        ("{\"expectedVersion\":1e2}", "expected \"any\""),
        ("{\"expectedVersion\":18446744073709551616}", "expected \"any\""),
        (
            "{\"expectedVersion\":\"none\"}",
            "expected \"any\", \"noStream\", \"streamExists\" or a whole number"
        ),
        ("{\"\\ud800\":1}", "half of a surrogate pair stands alone"),
        ("{\"a\\nb\":1}", "the key \"a\\nb\" is unknown"),
    ])
    func aBadLineIsRefusedWithWhatWasExpected(_ text: String, _ problem: String) throws {
        let failure = #expect(throws: EventLineFailure.self) { try decode(text) }
        let message = try #require(failure?.problem)
        #expect(message.contains(problem), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80]]
            as [[UInt8]])
    func textThatIsNotUTF8IsRefused(_ bytes: [UInt8]) throws {
        let line = Array("{\(Self.minimum),\"data\":\"".utf8) + bytes + Array("\"}".utf8)
        let failure = #expect(throws: EventLineFailure.self) { try EventLineDecoder().decode(line.span) }
        #expect(failure?.problem.contains("expected UTF-8") == true)
    }

    @Test func longTextIsCutInTheMessage() {
        let text = String(repeating: "x", count: 100)
        let failure = #expect(throws: EventLineFailure.self) {
            try decode("{\"expectedVersion\":\"\(text)\"}")
        }
        #expect(failure?.problem.contains(text.prefix(50)) == true)
        #expect(failure?.problem.contains(text.prefix(61)) == false)
    }
}
