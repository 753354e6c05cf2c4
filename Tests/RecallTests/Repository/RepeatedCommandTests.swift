// A command that comes again stores nothing twice: a queue delivers a second time, a caller repeats a request that it got no answer to, the
// program was restarted between, or the state that the first delivery left refuses the second.

import Foundation
import Testing

@testable import Recall

private struct Appoint: Command {
    var id: AggregateID
    struct HasHead: Error {}
    func execute(on firm: inout Firm) throws(HasHead) {
        if firm.head != nil { throw HasHead() }
        firm.stage(.appointed(id: id, name: "Hermes"))
        firm.head?.stage(.titled("Bureaucrat"))
    }
}

struct RepeatedCommandTests {
    let store = MemoryEventStore()
    let id = AggregateID()
    let headID = AggregateID()
    let staffID = AggregateID()

    /// A new one each time, as after a restart.
    func repository(router: (any EventRouter)? = nil) -> Repository<Firm> {
        var configuration = RepositoryConfiguration(eventStore: store, router: router)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return Repository(configuration)
    }

    @Test func secondDeliveryGetsTheFirstReceipt() async throws {
        let routed = Gathered<Position>()
        var router = CallbackRouter()
        router.onAll { routed.add($0.position) }
        let created = try await repository().perform(Hire(id: staffID), creating: id, idempotencyKey: "a")
        let first = try await repository().perform(Appoint(id: headID), on: id, idempotencyKey: "b")
        #expect(
            created.receipt.commit?.wasStoredBefore == false && first.receipt.commit?.wasStoredBefore == false
        )
        // Other events come between.
        try await repository().update(id) { $0.stage(.hired(id: AggregateID())) }
        try await repository().update(id) { $0.head?.stage(.titled("Chief")) }

        // It is refused by what it has done itself, and that is no refusal.
        let second = try await repository(router: router).perform(
            Appoint(id: headID), on: id, idempotencyKey: "b", metadata: ["other": "x"])
        var expected = try #require(first.receipt.commit)
        expected.wasStoredBefore = true
        #expect(second.receipt.commit == expected)
        #expect(second.aggregate.head?.titles == ["Bureaucrat", "Chief"])
        #expect(second.aggregate.staff.count == 2)
        // Whether the first was routed nobody knows.
        #expect(routed.values == [2, 3])

        let createdAgain = try await repository().perform(
            Hire(id: staffID), creating: id, idempotencyKey: "a")
        #expect(createdAgain.receipt.commit?.firstPosition == 1)
        #expect(createdAgain.receipt.commit?.wasStoredBefore == true)
        #expect(createdAgain.aggregate.staff.count == 2)
        #expect(try await store.lastPosition() == 5)
    }

    private struct Hire: Command {
        var id: AggregateID
        func execute(on firm: inout Firm) { firm.stage(.hired(id: id)) }
    }

    /// The state lets it happen again, with the same events or with others, more or fewer.
    @Test func whatIsDecidedTheSecondTimeDoesNotCount() async throws {
        try await repository().create(id) { $0.stage(.hired(id: headID)) }
        let first = try await repository().update(id, idempotencyKey: "k") { firm -> Int in
            firm.stage(.hired(id: AggregateID()))
            firm.stage(.hired(id: AggregateID()))
            return 7
        }
        #expect(first.result == 7 && first.receipt.lastPosition == 3)
        for count in 0 ... 3 {
            let again = try await repository().update(id, idempotencyKey: "k") { firm -> Int in
                for _ in 0 ..< count { firm.stage(.hired(id: AggregateID())) }
                return count
            }
            #expect(again.result == nil && again.receipt.commit?.wasStoredBefore == true)
            #expect(again.receipt.commit?.firstPosition == 2 && again.receipt.lastPosition == 3)
            #expect(again.aggregate.staff.count == 3 && !again.aggregate.hasStagedEvents)
        }
        // The very same events.
        let thirdID = AggregateID()
        for isRepeated in [false, true] {
            let saved = try await repository().update(id, idempotencyKey: "same") {
                $0.stage(.hired(id: thirdID))
            }
            #expect(saved.receipt.commit?.wasStoredBefore == isRepeated && saved.receipt.lastPosition == 4)
            #expect((saved.result == nil) == isRepeated)
        }
        #expect(try await store.lastPosition() == 4)
    }

    @Test func keyIsThatOfOneAggregateAndToTheByte() async throws {
        let other = AggregateID()
        for (root, key) in [(id, "Caf\u{E9}"), (other, "Caf\u{E9}")] {
            let saved = try await repository().create(root, idempotencyKey: key) {
                $0.stage(.hired(id: AggregateID()))
            }
            #expect(saved.receipt.commit?.wasStoredBefore == false)
        }
        let saved = try await repository().update(id, idempotencyKey: "Cafe\u{301}") {
            $0.stage(.hired(id: AggregateID()))
        }
        #expect(saved.receipt.commit?.wasStoredBefore == false)
        #expect(try await store.lastPosition() == 3)
    }

    /// A failure that is no repetition stays what it was, and what was refused may be tried again.
    @Test func firstDeliveryFailsAsAnyOther() async throws {
        try await repository().create(id) { $0.stage(.appointed(id: headID, name: "Hermes")) }
        for _ in 0 ..< 2 {
            await #expect(throws: Appoint.HasHead.self) {
                try await repository().perform(Appoint(id: headID), on: id, idempotencyKey: "k")
            }
        }
        let nothing = try await repository().update(id, idempotencyKey: "k") { _ in 1 }
        #expect(nothing.result == 1 && nothing.receipt.commit == nil)
        try await repository().update(id) { $0.stage(.dismissed) }
        let appointed = try await repository().perform(Appoint(id: headID), on: id, idempotencyKey: "k")
        #expect(appointed.receipt.commit?.wasStoredBefore == false)
        await #expect {
            try await repository().create(id, idempotencyKey: "new") { $0.stage(.dismissed) }
        } throws: { ($0 as? RepositoryError)?.code == .alreadyExists }
        await #expect {
            try await repository().update(AggregateID(), idempotencyKey: "new") { $0.stage(.dismissed) }
        } throws: { ($0 as? RepositoryError)?.code == .notFound }
        #expect(try await store.lastPosition() == 4)
    }

    @Test func manyDeliveriesAtOnceStoreOne() async throws {
        try await repository().create(id) { $0.stage(.hired(id: headID)) }
        let repositories = [repository(), repository()]
        let positions = try await withThrowingTaskGroup(of: Position?.self) { group in
            for index in 0 ..< 20 {
                group.addTask {
                    try await repositories[index % 2].perform(
                        Appoint(id: headID), on: id, idempotencyKey: "k", timeout: .seconds(3600)
                    )
                    .receipt.lastPosition
                }
            }
            return try await group.reduce(into: Set<Position?>()) { $0.insert($1) }
        }
        #expect(positions == [3])
        #expect(try await store.lastPosition() == 3)
    }

    @Test func idsAreThoseOfTheStandardAndTheHashIsSHA256() {
        func text(_ words: [UInt32]) -> String {
            words.map { word in
                let text = String(word, radix: 16)
                return String(repeating: "0", count: 8 - text.count) + text
            }.joined()
        }
        #expect(text(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            text(SHA256.hash("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            text(SHA256.hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            text(SHA256.hash(repeatElement(UInt8(ascii: "a"), count: 1000)))
                == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
        let root = AggregateID(UUID(uuid: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)))
        let ids = (0 ..< 3).map { EventID(idempotencyKey: "k", aggregateID: root, index: $0) }
        #expect(Set(ids).count == 3)
        for id in ids {
            // Version 8, variant 0b10; the same in every process.
            #expect("\(id)".dropFirst(14).first == "8" && "89ab".contains("\(id)".dropFirst(19).first ?? "x"))
        }
        #expect(ids[0] == EventID(idempotencyKey: "k", aggregateID: root, index: 0))
    }
}
