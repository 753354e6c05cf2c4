// How an aggregate begins and ends: a new one knows that it is new, an id is taken once, and after a final event nothing happens any more,
// whoever asks and wherever the state came from.

import Foundation
import Recall
import Testing

/// A lease with rooms, which ends.
private enum LeaseEvent: Event, Equatable {
    case signed
    case roomAdded(id: AggregateID)
    case ended
    enum CodingKeys: String, CodingKey, CaseIterable {
        case signed = "LeaseSigned", roomAdded = "RoomAdded", ended = "LeaseEnded"
    }
    var isFinal: Bool { self == .ended }
}

private struct Lease: AggregateRoot, Equatable {
    static let aggregateType: AggregateType = "Lease"
    static let children: [EntityChildren<Lease>] = [.list(\.rooms)]
    var lifecycle: EntityLifecycle
    var rooms = EntityList<Member>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: LeaseEvent) {
        if case .roomAdded(let id) = event { rooms.insert(Member(id: id)) }
    }
}

private struct End: Command {
    func execute(on lease: inout Lease) { lease.stage(.ended) }
}

struct AggregateEndTests {
    let store = MemoryEventStore()
    let snapshots = MemorySnapshotStore()
    let id = AggregateID()
    let roomID = AggregateID()

    private func repository(identityMapCountMax: Int = 0, snapshotFrequency: Int = 0) -> Repository<Lease> {
        var configuration = RepositoryConfiguration(
            eventStore: store, snapshotStore: snapshots, snapshotFrequency: snapshotFrequency,
            identityMapCountMax: identityMapCountMax)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return Repository(configuration)
    }

    private func error<Value>(_ body: () async throws -> Value) async -> RepositoryError? {
        do { _ = try await body() } catch { return error as? RepositoryError }
        return nil
    }

    @Test func newAggregateKnowsThatItIsNew() {
        var lease = Lease(id: id)
        #expect(lease.isNew && !lease.isClosed)
        lease.stage(.signed)
        #expect(!lease.isNew)
        #expect(Lease(id: id, replaying: [.signed, .ended]).isClosed)
    }

    @Test func idIsTakenOnce() async throws {
        try await repository().create(id) { $0.stage(.signed) }
        for repository in [repository(), repository(identityMapCountMax: 5)] {
            let error = await error { try await repository.create(id) { $0.stage(.signed) } }
            #expect(error?.code == .alreadyExists && error?.aggregateID == id)
            #expect(error?.message.contains("nothing was written") == true)
            #expect(error?.storeError?.code == .conflict)
            let performed = await self.error { try await repository.perform(End(), creating: id) }
            #expect(performed?.code == .alreadyExists)
        }
        #expect(try await store.lastPosition() == 1)
    }

    /// From memory, a snapshot and the events.
    @Test(arguments: [(0, 0), (5, 0), (0, 1)])
    func nothingHappensAfterTheEnd(identityMapCountMax: Int, snapshotFrequency: Int) async throws {
        let repository = repository(
            identityMapCountMax: identityMapCountMax, snapshotFrequency: snapshotFrequency)
        try await repository.create(id) { lease in
            lease.stage(.signed)
            lease.stage(.roomAdded(id: roomID))
            lease.rooms[roomID]?.rename("Hall")
        }
        var stale = try await repository.load(id)
        let ended = try await repository.perform(End(), on: id)
        #expect(ended.aggregate.isClosed && ended.receipt.lastPosition == 4)

        let loaded = await error { try await repository.load(id) }
        #expect(loaded?.code == .closed && loaded?.message.contains("with its version 3") == true)
        let updated = await error {
            try await repository.update(id) { _ in Issue.record("nothing is decided any more") }
        }
        #expect(updated?.code == .closed)
        #expect(await error { try await repository.perform(End(), on: id) }?.code == .closed)
        #expect(await error { try await repository.create(id) { $0.stage(.signed) } }?.code == .alreadyExists)
        stale.stage(.signed)
        #expect(await error { try await repository.save(&stale) }?.code == .conflict)

        // It is there to be looked at.
        #expect(try await repository.exists(id))
        #expect(try await repository.load(id, asOf: .version(2)).isClosed == false)
        var past = try await repository.load(id, asOf: .version(3))
        #expect(past.isClosed && past.rooms.first?.name == "Hall")
        past.rooms[roomID]?.rename("Attic")
        let saved = await error { try await repository.save(&past) }
        #expect(saved?.code == .closed && saved?.message.contains("nothing was written") == true)
        #expect(try await store.lastPosition() == 4)
        #expect(try await repository.verifySnapshots().findings.isEmpty)
    }

    @Test func whatIsStagedAfterTheEndIsRefusedWhole() async throws {
        for after in [
            { $0.stage(.signed) }, { $0.stage(.ended) }, { $0.rooms[roomID]?.rename("Attic") },
        ] as [(inout Lease) -> Void] {
            let error = await error {
                try await repository().create(id) { lease in
                    lease.stage(.signed)
                    lease.stage(.roomAdded(id: roomID))
                    lease.stage(.ended)
                    after(&lease)
                }
            }
            #expect(error?.code == .closed)
        }
        #expect(try await store.lastPosition() == .beforeFirst)
        // What happened before the end in the same save is stored with it.
        try await repository().create(id) { lease in
            lease.stage(.roomAdded(id: roomID))
            lease.rooms[roomID]?.rename("Hall")
            lease.stage(.ended)
        }
        #expect(try await store.lastPosition() == 3)
    }
}
