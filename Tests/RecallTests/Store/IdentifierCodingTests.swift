// Identities in JSON are the text that Foundation makes of a UUID, to the letter: what is stored already
// must be read, and the same payload must give the same bytes.

import Foundation
import Recall
import Testing

struct IdentifierCodingTests {
    struct Payload: EventPayload, Equatable {
        static let eventType: EventType = "Payload"
        var one: AggregateID
        var many: [EventID]
        var byID: [AggregateID: Int]
        var missing: AggregateID?
    }

    struct ForeignPayload: EventPayload, Equatable {
        static let eventType: EventType = "Payload"
        var one: UUID
        var many: [UUID]
        var byID: [UUID: Int]
        var missing: UUID?
    }

    static let texts = [
        "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "01234567-89AB-CDEF-FEDC-BA9876543210", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    ]

    @Test(arguments: texts + (0 ..< 20).map { _ in UUID().uuidString })
    func jsonIsThatOfAUUID(text: String) throws {
        let uuid = try #require(UUID(uuidString: text))
        let payload = Payload(one: AggregateID(uuid), many: [EventID(uuid)], byID: [AggregateID(uuid): 1])
        let foreign = ForeignPayload(one: uuid, many: [uuid], byID: [uuid: 1])
        let codec = JSONEventCodec()
        let data = try codec.encode(payload)
        #expect(try data == codec.encode(foreign))
        #expect(try codec.decode(Payload.self, from: data) == payload)
        // Coders that are not Recall's see a UUID and give the same.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(try encoder.encode(payload) == data)
        #expect(try JSONDecoder().decode(Payload.self, from: data) == payload)
        let lower = Data(String(decoding: data, as: UTF8.self).replacing(text, with: text.lowercased()).utf8)
        #expect(try codec.decode(Payload.self, from: lower) == payload)
    }

    @Test(arguments: [
        "\"\"", "\"01234567-89AB-CDEF-FEDC-BA987654321\"", "\"01234567-89AB-CDEF-FEDC-BA9876543210F\"",
        "\"01234567-89AB-CDEF-FEDC-BA987654321G\"", "\"0123456789ABCDEFFEDC-BA9876543210----\"",
        "\"01234567-89AB-CDEF-FEDC-BA98765432\u{e9}\"", "7", "null", "[]",
    ])
    func whatIsNoUUIDIsRefusedAsFoundationDoes(json: String) {
        struct Foreign: EventPayload {
            static let eventType: EventType = "One"
            var one: UUID
        }
        struct Own: EventPayload {
            static let eventType: EventType = "One"
            var one: AggregateID
        }
        func text(_ result: Result<some EventPayload, any Error>) -> String {
            switch result {
            case .success: "decoded"
            case .failure(let error): "\(error)"
            }
        }
        let data = Data("{\"one\":\(json)}".utf8)
        let codec = JSONEventCodec()
        let expected = Result { try codec.decode(Foreign.self, from: data) }
        #expect(text(Result { try codec.decode(Own.self, from: data) }) == text(expected))
    }
}
