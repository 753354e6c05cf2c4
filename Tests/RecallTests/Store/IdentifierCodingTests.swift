// Identities in payloads were in upper case and in the lines of events in lower case, so that a search for one missed the other;
// and a dictionary of them was a list in an order of its own. They have one spelling, and are the keys of an object.

import Foundation
@testable import Recall
import Testing

struct IdentifierCodingTests {
    struct Payload: EventPayload, Equatable {
        static let eventType: EventType = "Payload"
        var one: AggregateID
        var many: [EventID]
        var byID: [AggregateID: Int]
        var missing: AggregateID?
    }

    static let texts = [
        "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "01234567-89AB-CDEF-FEDC-BA9876543210", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    ]

    @Test(arguments: texts + (0 ..< 20).map { _ in UUID().uuidString })
    func jsonIsTheTextInLowerCase(text: String) throws {
        let uuid = try #require(UUID(uuidString: text))
        let payload = Payload(one: AggregateID(uuid), many: [EventID(uuid)], byID: [AggregateID(uuid): 1])
        let codec = JSONEventCodec()
        let data = try codec.encode(payload)
        let lower = text.lowercased()
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"byID":{"\#(lower)":1},"many":["\#(lower)"],"one":"\#(lower)"}"#)
        #expect(try codec.decode(Payload.self, from: data) == payload)
        // A bare UUID has no other spelling.
        struct Foreign: Codable { var one: UUID }
        #expect(
            String(decoding: try StoredJSON.encode(Foreign(one: uuid)), as: UTF8.self)
                == #"{"one":"\#(lower)"}"#)
        // Coders that are not Recall's give the same.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(try encoder.encode(payload) == data)
        #expect(try JSONDecoder().decode(Payload.self, from: data) == payload)
        // What was stored in upper case is read.
        let upper = Data(String(decoding: data, as: UTF8.self).replacing(lower, with: text.uppercased()).utf8)
        #expect(try codec.decode(Payload.self, from: upper) == payload)
    }

    @Test(arguments: [
        "\"\"", "\"01234567-89AB-CDEF-FEDC-BA987654321\"", "\"01234567-89AB-CDEF-FEDC-BA9876543210F\"",
        "\"01234567-89AB-CDEF-FEDC-BA987654321G\"", "\"0123456789ABCDEFFEDC-BA9876543210----\"",
        "\"01234567-89AB-CDEF-FEDC-BA98765432\u{e9}\"", "7", "null", "[]",
    ])
    func whatIsNoUUIDIsRefused(json: String) {
        struct Own: EventPayload {
            static let eventType: EventType = "One"
            var one: AggregateID
        }
        #expect(throws: DecodingError.self) {
            try JSONEventCodec().decode(Own.self, from: Data("{\"one\":\(json)}".utf8))
        }
    }

    @Test func aKeyThatIsNoIDIsRefused() {
        for key in ["", "x", "01234567-89AB-CDEF-FEDC-BA987654321"] {
            #expect(throws: DecodingError.self) {
                try JSONEventCodec().decode(
                    Payload.self,
                    from: Data("{\"one\":\"\(Self.texts[0])\",\"many\":[],\"byID\":{\"\(key)\":1}}".utf8))
            }
        }
    }
}
