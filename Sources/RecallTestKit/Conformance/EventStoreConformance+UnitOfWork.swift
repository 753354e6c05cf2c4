// Several aggregates in one commit: what a unit of work relies on, asked of every store.

internal import Recall

extension EventStoreConformance {
    static let unitCases: [Case] = [
        Case("a unit of work stores aggregates of several types in one commit") { session in
            let store = session.store
            let accounts = Repository<BankAccount>(eventStore: store)
            let books = Repository<BankBook>(eventStore: store)
            let (payer, payee, book, line) = (AggregateID(), AggregateID(), AggregateID(), AggregateID())
            try await accounts.create(payer) { $0.stage(.opened(cents: 100)) }
            try await books.create(book) { $0.stage(.begun) }
            let saved = try await UnitOfWork.commit { unit in
                try await accounts.create(payee, in: unit) { $0.stage(.opened(cents: 0)) }
                try await accounts.update(payer, in: unit) { try $0.withdraw(30) }
                try await books.update(book, in: unit) { $0.note("rent", as: line) }
                try await accounts.update(payee, in: unit) { $0.deposit(30) }
            }
            let events = try await store.readToEnd(EventQuery(positions: 3 ... .last))
            try expectEqual(
                events.map(\.type),
                ["AccountOpened", "MoneyWithdrawn", "LineAdded", "LineNoted", "MoneyDeposited"],
                "The types of the unit's events, in order")
            try expectEqual(
                events.map(\.rootID), [payee, payer, book, book, payee], "The roots of the unit's events")
            try expectEqual(
                saved.receipt.commit,
                CommitReceipt(
                    firstPosition: 3, lastPosition: 7, versions: [payee: 2, payer: 2, book: 2, line: 1],
                    wasStoredBefore: false),
                "The receipt of the unit")
            try expectEqual(try await accounts.load(payer).cents, 70, "The payer's money")
            try expectEqual(
                try await Repository<BankBook>(eventStore: store).load(book).lines[line]?.text, "rent",
                "The line of the book")
        },
        Case("a unit of work is refused whole where an aggregate that it only looked at has changed") {
            session in
            let store = session.store
            let accounts = Repository<BankAccount>(eventStore: store)
            let others = Repository<BankAccount>(eventStore: store)
            let (rich, poor) = (AggregateID(), AggregateID())
            try await accounts.create(rich) { $0.stage(.opened(cents: 100)) }
            try await accounts.create(poor) { $0.stage(.opened(cents: 0)) }
            do {
                try await UnitOfWork.commit(timeout: .zero) { unit in
                    let cents = try await accounts.load(rich, in: unit).cents
                    try await accounts.update(poor, in: unit) { $0.deposit(cents) }
                    // Somebody else, who knows nothing of the unit.
                    _ = try await Task.detached { try await others.update(rich) { try $0.withdraw(1) } }.value
                }
                throw ConformanceFailure(
                    "A unit that saw what had changed: expected conflict, found a commit.")
            } catch let error as RepositoryError {
                try expectEqual(
                    error.code, .conflict, "The code of the error of a unit that saw what had changed")
            }
            try expectEqual(try await store.lastPosition(), 3, "The last position after the refusal")
        },
        Case("a unit of work with a key is stored once, after reopening as well", needsReopening: true) {
            session in
            let (payer, payee) = (AggregateID(), AggregateID())
            let accounts = Repository<BankAccount>(eventStore: session.store)
            try await accounts.create(payer) { $0.stage(.opened(cents: 100)) }
            try await accounts.create(payee) { $0.stage(.opened(cents: 0)) }
            let first = try await transfer(60, from: payer, to: payee, key: "order 1", in: session.store)
            try expectEqual(first?.firstPosition, 3, "The position of the transfer")
            // The second time it could not be paid.
            for isReopened in [false, true] {
                let store = isReopened ? try await session.reopen() : session.store
                let again = try await transfer(60, from: payer, to: payee, key: "order 1", in: store)
                try expectEqual(again?.wasStoredBefore, true, "Whether the repetition was stored before")
                try expectEqual(again?.firstPosition, 3, "The position of the repetition")
                try expectEqual(again?.lastPosition, 4, "The last position of the repetition")
                try expectEqual(try await store.lastPosition(), 4, "The last position of the store")
            }
        },
        Case("200 transfers in units of work, from two programs, lose nothing") { session in
            let ids = (0 ..< 5).map { _ in AggregateID() }
            // Each with repositories of its own, as two programs would have them.
            let programs = (0 ..< 2).map { _ in Repository<BankAccount>(eventStore: session.store) }
            for id in ids { try await programs[0].create(id) { $0.stage(.opened(cents: 1000)) } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0 ..< 200 {
                    group.addTask {
                        let (payer, payee) = (ids[index % 5], ids[(index + 1 + index / 5 % 4) % 5])
                        let accounts = programs[index % 2]
                        // Nothing here is about time: a slow machine takes as long as it takes.
                        try await UnitOfWork.commit(timeout: .seconds(3600)) { unit in
                            try await accounts.update(payer, in: unit) { try $0.withdraw(1 + index % 3) }
                            try await accounts.update(payee, in: unit) { $0.deposit(1 + index % 3) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            var sum = 0
            for id in ids { sum += try await programs[1].load(id).cents }
            try expectEqual(sum, 5000, "The money of all accounts")
            try expectEqual(try await session.store.lastPosition(), 405, "The last position")
        },
    ]

    private static func transfer(
        _ cents: Int, from payer: AggregateID, to payee: AggregateID, key: String, in store: any EventStore
    ) async throws -> CommitReceipt? {
        let accounts = Repository<BankAccount>(eventStore: store)
        return try await UnitOfWork.commit(idempotencyKey: key) { unit in
            try await accounts.update(payer, in: unit) { try $0.withdraw(cents) }
            try await accounts.update(payee, in: unit) { $0.deposit(cents) }
        }.receipt.commit
    }
}
