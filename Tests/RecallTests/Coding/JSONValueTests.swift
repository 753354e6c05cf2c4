// An upcaster that added a currency turned an amount of 12345678901234567.89 into …567: the payload's numbers went through a
// `Double`. What an upcaster does not touch is written again as it was read.

import Foundation
import Recall
import Testing

struct JSONValueTests {
    /// Texts without white space between their parts, which alone is not kept.
    static let texts = [
        #"{"amount":12345678901234567.89}"#,
        #"{"amount":1e400,"b":-0,"c":1.0,"d":1E5,"e":1e+05,"f":0.10,"g":-0.0e-0}"#,
        #"{"huge":123456789012345678901234567890123456789012345678901234567890}"#,
        #"{"z":1,"a":2,"z":3,"\u007a":4}"#, #"{"\u0061":"\u00e9\/\ud83d\ude00","b":"é/😀\t\u0009"}"#,
        #"{"half":"\ud83d","other":"\ude00x\ud83d\ud83d"}"#, #"[1,"a",null,[],{},true,false,"\u0000"]"#,
        "1.50", "null",
        #""\u0041""#, #"{"":{"":""}}"#, "18446744073709551616", "-9223372036854775808",
        "{\"Caf\u{E9}\":1,\"Cafe\u{301}\":2}",
    ]

    @Test(arguments: texts)
    func whatIsNotTouchedKeepsItsBytes(text: String) throws {
        let value = try JSONValue(parsing: Data(text.utf8))
        #expect(String(decoding: value.data, as: UTF8.self) == text)
        #expect(Array(value.data) == Array(text.utf8))
        #expect(try JSONValue(parsing: value.data) == value)
    }

    @Test(arguments: texts.filter { $0.hasPrefix("{") })
    func anUpcasterAddsAMemberAndLeavesTheOthersAlone(text: String) throws {
        var value = try JSONValue(parsing: Data(text.utf8))
        value["currency"] = "EUR"
        value["more"] = ["list": [1, 2.5]]
        let expected = text.dropLast() + #","currency":"EUR","more":{"list":[1,2.5]}}"#
        #expect(Array(value.data) == Array(expected.utf8))
        value["currency"] = nil
        value["more"] = nil
        #expect(Array(value.data) == Array(text.utf8))
    }

    @Test func amountsReachTheNewTypeWithAllTheirDigits() throws {
        struct Paid: EventPayload, Equatable {
            static let eventType: EventType = "Paid"
            static let schemaVersion: UInt32 = 2
            var amount: Decimal
            var currency: String
            var reference: UInt64
        }
        let upcasters: Upcasters = [
            Upcaster(from: "Paid", schemaVersion: 1) { payload in payload["currency"] = "EUR" }
        ]
        let event = RecordedEvent(
            NewEvent(
                aggregateID: AggregateID(), type: "Paid",
                payload: Data(#"{"reference":18446744073709551615,"amount":12345678901234567.89}"#.utf8)),
            position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        let paid = try EventCoder(upcasters: upcasters).decode(event, payload: Paid.self)
        #expect(paid.amount == Decimal(string: "12345678901234567.89"))
        #expect(paid.reference == .max)
        #expect(paid.currency == "EUR")
    }

    @Test func aPayloadKeepsTheJSONItHolds() throws {
        struct Wrapped: EventPayload, Equatable {
            static let eventType: EventType = "Wrapped"
            var body: JSONValue
            var rate: JSONNumber
            var list: [JSONValue]?
        }
        let text = #"{"body":{"z":1.0,"a":"\u00e9"},"list":[1e400],"rate":0.10}"#
        let codec = JSONEventCodec()
        let wrapped = try codec.decode(Wrapped.self, from: Data(text.utf8))
        #expect(String(decoding: try codec.encode(wrapped), as: UTF8.self) == text)
    }

    @Test func numbersAreReadAsTheTypeThatIsAskedFor() throws {
        func number(_ text: String) throws -> JSONValue { try JSONValue(parsing: Data(text.utf8)) }
        #expect(try number("12345678901234567.89").decimal == Decimal(string: "12345678901234567.89"))
        #expect(try number("12345678901234567.89").integer == nil)
        #expect(try number("1e3").integer == 1000)
        #expect(try number("1.0").unsignedInteger == 1)
        #expect(try number("-1").unsignedInteger == nil)
        #expect(try number("1e400").double == nil)
        #expect(try number("1e400").number?.text == "1e400")
        #expect(try number("-0").double?.sign == .minus)
        #expect(try number("0.1").double == 0.1)
        #expect(try number("1.0") != number("1"))
        #expect(
            JSONNumber("1.") == nil && JSONNumber("01") == nil && JSONNumber("") == nil
                && JSONNumber(" 1") == nil)
        #expect(JSONNumber("1 ") == nil && JSONNumber("true") == nil && JSONNumber("\"1\"") == nil)
        #expect(JSONNumber("-1.5e-7")?.text == "-1.5e-7")
        #expect(JSONNumber(Double.nan) == nil && JSONNumber(1.0)?.text == "1")
    }

    @Test func membersAreChangedInPlace() throws {
        var value = try JSONValue(parsing: Data(#"{"b":1,"a":{"x":[1,2,{"y":3}]},"b":2}"#.utf8))
        #expect(value["b"]?.integer == 1)
        #expect(value.keys == ["b", "a", "b"])
        value["a"]?["x"]?[2]?["y"] = "new"
        value["b"] = 5
        #expect(value.description == #"{"b":5,"a":{"x":[1,2,{"y":"new"}]}}"#)
        #expect(value["missing"] == nil && value[0] == nil && value["b"]?["c"] == nil)
        value["a"]?["x"]?[0] = nil
        #expect(value["a"]?["x"]?.array?.count == 2)
        #expect(JSONValue.object(["a": 1, "b": 2]) == ["b": 2, "a": 1])
        #expect(JSONValue.object(["a": 1]) != ["a": 2])
        #expect(Set<JSONValue>([["a": 1, "b": nil], ["b": nil, "a": 1]]).count == 1)
        let half = try JSONValue(parsing: Data(#""\ud83d""#.utf8))
        #expect(half.string == nil && half.kind == .string && half != "\u{FFFD}")
        #expect(try JSONValue(parsing: Data(#""\u00e9""#.utf8)) == "\u{E9}")
        #expect(JSONValue.string("Caf\u{E9}") != .string("Cafe\u{301}"))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "nul", "1 2", "\u{FEFF}", String(repeating: "[", count: 600),
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONValue(parsing: Data(text.utf8)) }
    }
}
