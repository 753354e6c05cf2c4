// Units of work that meet: they name their aggregates in any order, beside updates of single ones. None waits for ever, and within one repository none
// is told of a conflict.

import Foundation
import Recall
import RecallTestKit
import Testing

struct UnitTurnTests {
    let store = FaultyEventStore()
    let ids = (0 ..< 6).map { _ in AggregateID() }.sorted()

    /// None is tried again after a conflict: what happens inside of one repository is none.
    func repository(waitingCountMax: Int = 100_000) async throws -> Repository<BankAccount> {
        var configuration = RepositoryConfiguration(eventStore: store)
        configuration.retry.timeout = .zero
        configuration.waitingUpdateCountMax = waitingCountMax
        let repository = Repository<BankAccount>(configuration)
        for id in ids { try await repository.create(id) { $0.stage(.opened(cents: 10_000)) } }
        return repository
    }

    @Test func transfersInAnyOrderNeitherConflictNorWaitForEver() async throws {
        let accounts = try await repository()
        try await withThrowingTaskGroup { group in
            for index in 0 ..< 200 {
                group.addTask { [ids] in
                    // Each pair in both orders, and beside them updates of one.
                    let pair = [ids[index % 6], ids[(index + 1 + index / 6 % 5) % 6]]
                    if index % 10 == 9 { return _ = try await accounts.update(pair[0]) { $0.deposit(0) } }
                    try await UnitOfWork.commit { unit in
                        try await accounts.update(pair[0], in: unit) { try $0.withdraw(1 + index % 7) }
                        await Task.yield()
                        try await accounts.update(pair[1], in: unit) { $0.deposit(1 + index % 7) }
                    }
                }
            }
            try await group.waitForAll()
        }
        var sum = 0
        for id in ids { sum += try await accounts.load(id).cents }
        #expect(sum == 60_000 && accounts.heldTurnCount == 0)
    }

    /// The one has the first and wants the second, the other the other way round: both are inside before either goes on.
    @Test func unitsThatHoldWhatTheOtherWantsBothEnd() async throws {
        let accounts = try await repository()
        let gates = [Gate(), Gate()]
        try await withThrowingTaskGroup { group in
            for turn in 0 ..< 2 {
                group.addTask { [ids] in
                    try await UnitOfWork.commit { unit in
                        try await accounts.update(ids[turn], in: unit) { try $0.withdraw(1) }
                        gates[turn].open()
                        await gates[1 - turn].wait()
                        try await accounts.update(ids[1 - turn], in: unit) { $0.deposit(1) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await accounts.load(ids[0]).cents == 10_000)
        #expect(try await accounts.load(ids[1]).version == 3 && accounts.heldTurnCount == 0)
    }

    @Test func updatesWaitForAUnitAndAUnitForUpdates() async throws {
        let accounts = try await repository()
        let (isInside, isReleased) = (Gate(), Gate())
        let unit = Task { [ids] in
            try await UnitOfWork.commit { unit in
                try await accounts.update(ids[0], in: unit) { $0.deposit(1) }
                isInside.open()
                await isReleased.wait()
            }
        }
        await isInside.wait()
        let update = Task { [ids] in try await accounts.update(ids[0]) { $0.deposit(1) } }
        while accounts.waitingUpdateCount(for: ids[0]) < 1 { await Task.yield() }
        // A second unit comes after the update, and a cancelled one not at all.
        let second = Task { [ids] in
            try await UnitOfWork.commit { try await accounts.update(ids[0], in: $0) { $0.deposit(1) } }
        }
        while accounts.waitingUpdateCount(for: ids[0]) < 2 { await Task.yield() }
        let cancelled = Task { [ids] in
            try await UnitOfWork.commit { try await accounts.update(ids[0], in: $0) { $0.deposit(100) } }
        }
        while accounts.waitingUpdateCount(for: ids[0]) < 3 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        isReleased.open()
        let versions = [
            try await unit.value.aggregate(ids[0], as: BankAccount.self)?.version,
            try await update.value.aggregate.version,
            try await second.value.aggregate(ids[0], as: BankAccount.self)?.version,
        ]
        #expect(versions == [2, 3, 4] && accounts.heldTurnCount == 0)
        #expect(try await accounts.load(ids[0]).cents == 10_003)
    }

    @Test func tooManyWaitForAUnitAsForAnUpdate() async throws {
        let accounts = try await repository(waitingCountMax: 0)
        try await UnitOfWork.commit { unit in
            try await accounts.update(ids[0], in: unit) { $0.deposit(1) }
            let busy = Task.detached { [ids] in
                try await UnitOfWork.commit { try await accounts.load(ids[0], in: $0) }
            }
            await #expect { try await busy.value } throws: { ($0 as? RepositoryError)?.code == .busy }
        }
        #expect(accounts.heldTurnCount == 0)
    }
}
