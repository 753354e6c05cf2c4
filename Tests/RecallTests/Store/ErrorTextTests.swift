// `localizedDescription` of a `StoreError` said "The operation could not be completed. (Recall.StoreError error 1.)", which
// is what an application's alert then showed; and the description of a wrapped error had its sentence twice.

import Foundation
import Recall
import Testing

struct ErrorTextTests {
    /// Every way in which an error's text reaches a person.
    private func texts(_ error: any Error) -> [String] {
        [error.localizedDescription, "\(error)", String(describing: error)]
    }

    private func count(_ part: String, in text: String) -> Int {
        text.components(separatedBy: part).count - 1
    }

    @Test func aStoreErrorIsItsMessage() {
        let cause = StoreError(.unavailable, "The disk is full.")
        let error = StoreError(.latched, "The store takes no more appends: close it.", cause: cause)
        for text in texts(error) { #expect(text == error.message) }
        let debug = String(reflecting: error)
        #expect(
            debug.contains("latched") && debug.contains("unavailable") && debug.contains("The disk is full."))
    }

    @Test func aWrappedErrorSaysItsSentenceOnce() {
        let inner = StoreError(.unavailable, "The disk is full.", cause: CancellationError())
        let wrapped = RepositoryError(.store, inner.message, aggregateID: AggregateID(), cause: inner)
        for text in texts(wrapped) + [String(reflecting: wrapped)] {
            #expect(count("The disk is full.", in: text) == 1, "\(text)")
        }
        #expect(wrapped.localizedDescription == wrapped.message)
        #expect(wrapped.storeError?.localizedDescription == inner.message)
    }

    @Test func aCodingErrorSaysWhatIsWrongWithThePayload() throws {
        struct Payload: EventPayload {
            static let eventType: EventType = "Counted"
            var count: Double
        }
        let error = #expect(throws: EventCodingError.self) {
            try EventCoder().encode(Payload(count: .infinity))
        }
        for text in texts(try #require(error)) {
            #expect(text == error?.message)
            #expect(text.contains("count"), "\(text)")
        }
        let event = RecordedEvent(
            NewEvent(aggregateID: AggregateID(), type: "Counted", payload: Data("{}".utf8)), position: 1,
            version: 1, time: Timestamp(microsecondsSince1970: 0))
        let undecodable = #expect(throws: EventCodingError.self) {
            try EventCoder().decode(event, payload: Payload.self)
        }
        for text in texts(try #require(undecodable)) {
            #expect(text == undecodable?.message)
            #expect(count("\"count\" is missing", in: text) == 1, "\(text)")
        }
    }

    @Test func aRouterThatFailedSaysWhyAndOnce() async throws {
        var router = CallbackRouter()
        router.onAll(name: "mailer") { _ in throw StoreError(.unavailable, "The mail server is away.") }
        let event = RecordedEvent(
            NewEvent(aggregateID: AggregateID(), type: "A", payload: Data()), position: 1, version: 1,
            time: Timestamp(microsecondsSince1970: 0))
        let error = await #expect(throws: EventRoutingError.self) { try await router.route([event]) }
        for text in texts(try #require(error)) + [String(reflecting: error)] {
            #expect(count("The mail server is away", in: text) == 1, "\(text)")
        }
    }
}
