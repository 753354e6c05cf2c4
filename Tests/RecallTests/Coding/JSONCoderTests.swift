// What the JSON codec stores is a promise: the same payload gives the same bytes on every platform, and nothing that a type
// holds is lost on the way. Foundation's coders, which did this before, merged keys that only look alike, gave what a
// dictionary of identities holds as a list in an order of its own, and cut a date to seconds or made it a bare number. For
// all that both can, this coder has to agree with them.

import Foundation
@testable import Recall
import RecallTestKit
import Testing

struct JSONCoderTests {
    /// A value of any shape.
    enum Shape: Codable, Equatable {
        case nothing
        case text(String)
        case numbers(Int, UInt64, Double)
        indirect case pair(Shape, Shape)
    }

    struct Inner: Codable, Equatable {
        var a: Int8?
        var list: [Double]
        var texts: [String: String]
    }

    struct Large: Codable, Equatable {
        var bool: Bool
        var int: Int
        var int8: Int8
        var uint64: UInt64
        var double: Double
        var float: Float
        var text: String
        var optional: String?
        var absent: Int?
        var decimal: Decimal
        var data: Data
        var url: URL?
        var inner: [Inner]
        var byNumber: [Int: Bool]
        var shape: Shape
        var nested: [[String?]]
    }

    private func text(_ random: inout SeededGenerator) -> String {
        let parts = [
            "a", "é", "e\u{301}", "\"", "\\", "/", "\n", "\u{1}", "😀", "\u{2028}", "K", "\u{7F}", "", "b",
        ]
        return (0 ..< Int.random(in: 0 ..< 6, using: &random)).map { _ in
            parts.randomElement(using: &random) ?? ""
        }.joined()
    }

    private func shape(_ random: inout SeededGenerator, depth: Int = 0) -> Shape {
        switch Int.random(in: 0 ..< (depth < 3 ? 4 : 3), using: &random) {
        case 0: .nothing
        case 1: .text(text(&random))
        case 2: .numbers(.random(in: .min ... .max, using: &random), random.next(), double(&random))
        default: .pair(shape(&random, depth: depth + 1), shape(&random, depth: depth + 1))
        }
    }

    private func double(_ random: inout SeededGenerator) -> Double {
        let value = Double(bitPattern: random.next())
        return value.isFinite ? value : Double.random(in: -1e6 ... 1e6, using: &random)
    }

    private func large(_ random: inout SeededGenerator) -> Large {
        func optional<Value>(_ value: Value) -> Value? { Bool.random(using: &random) ? value : nil }
        return Large(
            bool: .random(using: &random), int: .random(in: .min ... .max, using: &random),
            int8: .random(in: .min ... .max, using: &random), uint64: random.next(), double: double(&random),
            float: Float.random(in: -1e9 ... 1e9, using: &random), text: text(&random),
            optional: optional(text(&random)), absent: optional(Int.random(in: 0 ... 9, using: &random)),
            decimal: Decimal(
                sign: .minus, exponent: .random(in: -30 ... 30, using: &random),
                significand: Decimal(random.next() as UInt64)),
            data: Data(
                (0 ..< Int.random(in: 0 ..< 9, using: &random)).map { _ in
                    .random(in: 0 ... 255, using: &random)
                }),
            url: optional(URL(string: "https://example.org/a?b=\(Int.random(in: 0 ... 99, using: &random))"))
                .flatMap(\.self),
            inner: (0 ..< Int.random(in: 0 ..< 4, using: &random)).map { number in
                Inner(
                    a: optional(.random(in: .min ... .max, using: &random)),
                    list: (0 ..< Int.random(in: 0 ..< 4, using: &random)).map { _ in double(&random) },
                    texts: ["k\(number)": text(&random), "b": text(&random)])
            },
            byNumber: [1: true, -7: false], shape: shape(&random), nested: [[nil, text(&random)], []])
    }

    private static let foundationEncoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    @Test(arguments: TestEffort.seeds(1 ... 200))
    func agreesWithFoundation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = large(&random)
        let data = try StoredJSON.encode(value)
        #expect(try StoredJSON.decode(Large.self, from: data) == value)
        // Each reads what the other wrote.
        let foreign = try Self.foundationEncoder.encode(value)
        #expect(try JSONDecoder().decode(Large.self, from: data) == value)
        #expect(try StoredJSON.decode(Large.self, from: foreign) == value)
        #expect(String(decoding: data, as: UTF8.self) == String(decoding: foreign, as: UTF8.self))
    }

    /// What both refuse, and what both read, for texts that were written right and then changed.
    @Test(arguments: TestEffort.seeds(1 ... 100))
    func refusesWhatFoundationRefuses(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let data = try StoredJSON.encode(large(&random))
        for _ in 0 ..< 20 {
            var bytes = Array(data)
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0 ..< 3, using: &random) {
            case 0: bytes.remove(at: place)
            case 1:
                bytes.insert(Array("{}[],:\"\\0-e. nt".utf8).randomElement(using: &random) ?? 0, at: place)
            default: bytes[place] = Array("{}[],:\"\\0-e. nt\u{1}".utf8).randomElement(using: &random) ?? 0
            }
            guard let own = try? StoredJSON.decode(Large.self, from: Data(bytes)) else { continue }
            // What this one takes the other takes, too, and reads the same; it is laxer, so not the other way round.
            let other = try? JSONDecoder().decode(Large.self, from: Data(bytes))
            #expect(other == own, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func theSamePayloadGivesTheSameBytes() throws {
        struct Payload: Codable {
            var b = 1
            var a = ["y": 1, "x": 2, "Z": 3, "\u{E9}": 4]
            var byID = [
                AggregateID(number: 2): "two", AggregateID(number: 1): "one", AggregateID(number: 0x0F): "f",
            ]
            var byType: [EventType: Int] = ["T": 1, "S": 2]
            var byTag: [EventTag: Int] = ["Caf\u{E9}": 1, "Cafe\u{301}": 2]
            var byPosition: [Position: Bool] = [7: true]
        }
        let ids = [1, 2, 15].map { AggregateID(number: $0).description }
        for _ in 0 ..< 20 {
            let data = try StoredJSON.encode(Payload())
            let text = String(decoding: data, as: UTF8.self)
            #expect(
                Array(text.utf8)
                    == Array(
                        #"""
                        {"a":{"Z":3,"x":2,"y":1,"\#("\u{E9}")":4},"b":1,\
                        "byID":{"\#(ids[0])":"one","\#(ids[1])":"two","\#(ids[2])":"f"},"byPosition":{"7":true},\
                        "byTag":{"Cafe\#("\u{301}")":2,"Caf\#("\u{E9}")":1},"byType":{"S":2,"T":1}}
                        """#.replacing("\\\n", with: "").utf8), "\(text)")
            let back = try StoredJSON.decode(Payload.self, from: data)
            #expect(back.byTag.count == 2)
            #expect(back.byID == Payload().byID && back.byPosition == Payload().byPosition)
        }
    }

    @Test(arguments: [
        "12345678901234567.89", "0.1", "-0.1", "1", "-1", "1e20", "123456789012345678901234567890.12345678",
        "340282366920938463463374607431768211455e0", "99999999999999999999999999999999999999",
        "0.00000000000000000000000000000000000001", "1e127", "1e-127", "0", "1.10", "100.00", "19.99",
        "9007199254740993", "0.30000000000000004", "922337203685477580.7",
    ])
    func decimalsKeepTheirDigits(text: String) throws {
        struct Payload: Codable, Equatable { var amount: Decimal }
        guard text.filter(\.isNumber).count <= 39, text != "340282366920938463463374607431768211455e0" else {
            return
        }
        let data = Data("{\"amount\":\(text)}".utf8)
        let value = try StoredJSON.decode(Payload.self, from: data)
        #expect(value.amount == Decimal(string: text))
        let again = try StoredJSON.encode(value)
        #expect(try StoredJSON.decode(Payload.self, from: again) == value)
        // All digits, and no others.
        #expect(JSONNumber(text)?.decimal == value.amount)
        #expect(String(decoding: again, as: UTF8.self) == "{\"amount\":\(value.amount)}")
    }

    @Test(arguments: [
        "1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567890", "1e400",
        "1e-400",
        "1e99999999999999999999",
    ])
    func decimalsWithMoreDigitsThanThereAreAreRefused(text: String) {
        struct Payload: Codable { var amount: Decimal }
        #expect(throws: DecodingError.self) {
            try StoredJSON.decode(Payload.self, from: Data("{\"amount\":\(text)}".utf8))
        }
    }

    @Test(arguments: TestEffort.seeds(1 ... 20))
    func everyDecimalComesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0 ..< 50 {
            var significand = Decimal(random.next() as UInt64)
            if Bool.random(using: &random) {
                significand =
                    significand * Decimal(1_000_000_000)
                    + Decimal(UInt32.random(in: 0 ... 999_999_999, using: &random))
            }
            let value = Decimal(
                sign: Bool.random(using: &random) ? .plus : .minus,
                exponent: .random(in: -100 ... 90, using: &random), significand: significand)
            let data = try StoredJSON.encode([value])
            #expect(try StoredJSON.decode([Decimal].self, from: data) == [value], "\(value)")
        }
    }

    @Test func wholeNumbersAreTakenHoweverTheyAreSpelledAndOthersRefused() throws {
        func read<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
            try? StoredJSON.decode([Value].self, from: Data("[\(text)]".utf8)).first
        }
        #expect(read(Int.self, "1.0") == 1)
        #expect(read(Int.self, "1e3") == 1000)
        #expect(read(Int.self, "-120e-1") == -12)
        #expect(read(Int.self, "1.5") == nil)
        #expect(read(UInt64.self, "18446744073709551615") == .max)
        #expect(read(UInt64.self, "18446744073709551616") == nil)
        #expect(read(UInt64.self, "-1") == nil)
        #expect(read(UInt64.self, "-0") == 0)
        #expect(read(Int64.self, "-9223372036854775808") == .min)
        #expect(read(Int64.self, "9223372036854775808") == nil)
        #expect(read(Int8.self, "128") == nil)
        #expect(read(Int128.self, "170141183460469231731687303715884105727") == .max)
        #expect(read(Double.self, "1e400") == nil)
        #expect(read(Double.self, "-0")?.sign == .minus)
        #expect(read(Bool.self, "1") == nil)
        #expect(read(String.self, "1") == nil)
        #expect(read(String.self, #""\ud83d""#) == nil)
        #expect(read(String.self, #""\ud83d\ude00\u00e9\/""#) == "😀é/")
    }

    @Test func ofAKeyThatStandsTwiceTheFirstCounts() throws {
        struct Payload: Codable, Equatable { var a: Int }
        let data = Data(#"{"a":1,"\u0061":2,"a":3}"#.utf8)
        #expect(try StoredJSON.decode(Payload.self, from: data) == Payload(a: 1))
        #expect(try JSONValue(parsing: data)["a"]?.integer == 1)
        // With so many members that they have a table.
        let more = (0 ..< 40).map { "\"k\($0)\":0" }.joined(separator: ",")
        let long = Data("{\(more),\"a\":1,\"a\":3}".utf8)
        #expect(try StoredJSON.decode(Payload.self, from: long) == Payload(a: 1))
    }

    @Test func aLargeObjectIsReadAsQuicklyAsItsMembers() throws {
        let many = Dictionary(uniqueKeysWithValues: (0 ..< 20_000).map { ("key \($0)", $0) })
        #expect(try StoredJSON.decode([String: Int].self, from: StoredJSON.encode(many)) == many)
    }

    @Test func aContainerThatIsKeptStillReads() throws {
        final class Keeper { var decoder: (any Decoder)? }
        struct Payload: DecodableWithConfiguration {
            init(from decoder: any Decoder, configuration: Keeper) { configuration.decoder = decoder }
        }
        let keeper = Keeper()
        func readAndForget() throws {
            let document = try JSONDocument(Data(#"{"a":[1,2]}"#.utf8))
            _ = Payload(from: JSONReading(document: document, index: 0), configuration: keeper)
        }
        try readAndForget()
        let decoder = try #require(keeper.decoder)
        #expect(try [String: [Int]](from: decoder) == ["a": [1, 2]])
    }

    @Test func errorsSayWhere() throws {
        struct Item: Codable { var amount: Int }
        struct Payload: Codable { var items: [Item] }
        let error = #expect(throws: DecodingError.self) {
            try StoredJSON.decode(
                Payload.self, from: Data(#"{"x":[[]],"items":[{"amount":1},{"y":{},"amount":"z"}]}"#.utf8))
        }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["items", "Index 1", "amount"])
        #expect(
            ErrorText.sentence(of: try #require(error)) == "Expected Int, found a string, at items[1].amount."
        )
    }

    @Test func inheritedFieldsAndHandMadeContainersAreWrittenAsFoundationWritesThem() throws {
        class Base: Codable {
            var base = 1
            init() {}
        }
        final class Derived: Base {
            var derived = 2
            override init() { super.init() }
            enum Keys: CodingKey { case derived, list, inner }
            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                derived = try container.decode(Int.self, forKey: .derived)
                var list = try container.nestedUnkeyedContainer(forKey: .list)
                while !list.isAtEnd { if try !list.decodeNil() { derived += try list.decode(Int.self) } }
                _ = try container.nestedContainer(keyedBy: Keys.self, forKey: .inner)
                try super.init(from: container.superDecoder())
            }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                try super.encode(to: container.superEncoder())
                try list.encode(10)
                try list.encodeNil()
                _ = container.nestedContainer(keyedBy: Keys.self, forKey: .inner)
                try container.encode(derived, forKey: .derived)
                try list.encode(20)
            }
        }
        let data = try StoredJSON.encode(Derived())
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"derived":2,"inner":{},"list":[10,null,20],"super":{"base":1}}"#)
        #expect(try Self.foundationEncoder.encode(Derived()) == data)
        #expect(try StoredJSON.decode(Derived.self, from: data).derived == 32)
    }
}
