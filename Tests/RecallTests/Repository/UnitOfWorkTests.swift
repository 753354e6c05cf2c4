// Several aggregates that are changed together: what a unit of work holds, what it saves and what it refuses. What it asks of a store is in the
// conformance suite; who waits for whom is in `UnitTurnTests`.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

struct UnitOfWorkTests {
    struct Refused: Error {}

    let store = FaultyEventStore()
    let payer = AggregateID()
    let payee = AggregateID()
    let book = AggregateID()

    func configuration(router: (any EventRouter)? = nil) -> RepositoryConfiguration {
        var configuration = RepositoryConfiguration(eventStore: store, router: router)
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 1)
        return configuration
    }

    /// New ones each time, as in another program.
    func accounts(router: (any EventRouter)? = nil) -> Repository<BankAccount> {
        Repository(configuration(router: router))
    }

    func books(router: (any EventRouter)? = nil) -> Repository<BankBook> {
        Repository(configuration(router: router))
    }

    func open(_ cents: Int = 100) async throws {
        try await accounts().create(payer) { $0.stage(.opened(cents: cents)) }
        try await accounts().create(payee) { $0.stage(.opened(cents: 0)) }
    }

    func code<Value>(_ body: () async throws -> Value) async -> RepositoryError.Code? {
        do { _ = try await body() } catch { return (error as? RepositoryError)?.code }
        return nil
    }

    // MARK: What is in a unit

    @Test func anAggregateIsOneValueInAUnitAndWhatItWasOutside() async throws {
        try await open()
        let accounts = accounts()
        let saved = try await UnitOfWork.commit { unit in
            try await accounts.update(payer, in: unit) { try $0.withdraw(10) }
            #expect(try await accounts.load(payer, in: unit).cents == 90)
            #expect(try await accounts.load(payer).cents == 100)
            // What is thrown inside has changed nothing, and the unit goes on.
            await #expect(throws: Refused.self) {
                try await accounts.update(payer, in: unit) { account in
                    try account.withdraw(50)
                    throw Refused()
                }
            }
            try await accounts.update(payer, in: unit) { try $0.withdraw(5) }
            return try await accounts.load(payee, in: unit).cents
        }
        #expect(saved.result == 0 && saved.receipt.commit?.versions == [payer: 3])
        #expect(try await accounts.load(payer).cents == 85)
        // Only what was changed is saved, and it is ready to be changed again.
        #expect(store.appendCount == 3)
        var account = try #require(saved.aggregate(payer, as: BankAccount.self))
        #expect(!account.hasStagedEvents && account.version == 3)
        try account.withdraw(1)
        try await accounts.save(&account)
        #expect(try await self.accounts().load(payer).cents == 84)
        #expect(saved.aggregate(payer, as: BankBook.self) == nil)
    }

    @Test func aUnitThatStagesNothingStoresNothing() async throws {
        try await open()
        let accounts = accounts()
        let saved = try await UnitOfWork.commit { unit in
            try await accounts.create(in: unit) { _ in }
            return try await accounts.load(payer, in: unit).cents
        }
        #expect(saved.result == 100 && saved.receipt.commit == nil && saved.receipt.lastPosition == nil)
        #expect(store.appendCount == 2)
        #expect(try await UnitOfWork.commit { _ in 7 }.result == 7)
    }

    @Test func whatIsThrownReachesTheCallerAndNothingIsStored() async throws {
        try await open()
        let accounts = accounts()
        await #expect(throws: BankAccount.Overdrawn(cents: 0)) {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payer, in: unit) { $0.deposit(1) }
                try await accounts.create(in: unit) { $0.stage(.opened(cents: 5)) }
                try await accounts.update(payee, in: unit) { try $0.withdraw(1) }
            }
        }
        #expect(try await store.lastPosition() == 2 && accounts.heldTurnCount == 0)
        let unknown = AggregateID()
        #expect(
            await code { try await UnitOfWork.commit { try await accounts.load(unknown, in: $0) } }
                == .notFound)
        #expect(accounts.heldTurnCount == 0)
    }

    @Test func stateWithoutEventIsRefusedForEachAggregate() async throws {
        try await open()
        let firms = Repository<Firm>(configuration())
        let firm = AggregateID()
        try await firms.create(firm) { $0.stage(.hired(id: AggregateID())) }
        let accounts = accounts()
        let error = await code {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payer, in: unit) { $0.deposit(1) }
                // Nothing is staged here.
                try await firms.update(firm, in: unit) { $0.head = Person(id: AggregateID()) }
            }
        }
        #expect(error == .stateWithoutEvent)
        #expect(try await store.lastPosition() == 3)
    }

    @Test func idsOfNewAggregatesMustBeFree() async throws {
        try await open()
        let accounts = accounts()
        let taken = await code {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payee, in: unit) { $0.deposit(1) }
                try await accounts.create(payer, in: unit) { $0.stage(.opened(cents: 1)) }
            }
        }
        #expect(taken == .alreadyExists)
        let twice = await code {
            try await UnitOfWork.commit { unit in
                let id = AggregateID()
                try await accounts.create(id, in: unit) { $0.stage(.opened(cents: 1)) }
                try await accounts.create(id, in: unit) { $0.stage(.opened(cents: 1)) }
            }
        }
        #expect(twice == .alreadyExists)
        let otherType = await code {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payer, in: unit) { $0.deposit(1) }
                try await books().update(payer, in: unit) { $0.note("x") }
            }
        }
        #expect(otherType == .wrongAggregateType)
        #expect(try await store.lastPosition() == 2)
    }

    @Test func whatIsMissingIsMadeAndWhatIsThereIsChanged() async throws {
        let accounts = accounts()
        for expected in [10, 20] {
            try await UnitOfWork.commit { unit in
                try await accounts.createOrUpdate(payer, in: unit) { account in
                    #expect(account.isNew == (expected == 10))
                    account.isNew ? account.stage(.opened(cents: 10)) : account.deposit(10)
                }
            }
            #expect(try await accounts.load(payer).cents == expected)
        }
        // Somebody makes it at the same time: it is looked at again, and nobody is told that it exists.
        store.change { state in
            state.beforeNextAppend = { [self] in
                _ = try await Repository<BankAccount>(eventStore: store.inner).create(payee) {
                    $0.stage(.opened(cents: 5))
                }
            }
        }
        try await UnitOfWork.commit { unit in
            try await accounts.createOrUpdate(payee, in: unit) { account in
                account.isNew ? account.stage(.opened(cents: 10)) : account.deposit(10)
            }
        }
        #expect(try await accounts.load(payee).cents == 15)
    }

    @Test func aChildThatComesBackGoesOnFromWhereItWas() async throws {
        try await open()
        let (accounts, books, line) = (accounts(), books(), AggregateID())
        try await books.create(book) { book in
            book.note("first", as: line)
            book.stage(.lineRemoved(id: line))
        }
        let saved = try await UnitOfWork.commit { unit in
            try await books.update(book, in: unit) { $0.note("second", as: line) }
            try await accounts.update(payer, in: unit) { $0.deposit(1) }
        }
        #expect(saved.receipt.commit?.version(of: line) == 2)
        #expect(saved.aggregate(book, as: BankBook.self)?.lines[line]?.version == 2)
        #expect(try await self.books().load(book).lines[line]?.text == "second")
    }

    @Test func storesAndUnitsThatDoNotBelongTogetherAreRefused() async throws {
        try await open()
        let (accounts, elsewhere) = (accounts(), Repository<BankAccount>(eventStore: MemoryEventStore()))
        let other = await code {
            try await UnitOfWork.commit { unit in
                try await accounts.update(payer, in: unit) { $0.deposit(1) }
                try await elsewhere.create(in: unit) { $0.stage(.opened(cents: 1)) }
            }
        }
        #expect(other == .invalidUnit)
        let late = await code {
            var kept: UnitOfWork?
            try await UnitOfWork.commit { kept = $0 }
            _ = try await accounts.load(payer, in: #require(kept))
        }
        #expect(late == .invalidUnit)
        #expect(try await store.lastPosition() == 2)
    }

    @Test func nothingElseIsStoredFromInsideAUnit() async throws {
        try await open()
        let accounts = accounts()
        let calls: [@Sendable () async throws -> Void] = [
            { [payer] in try await accounts.update(payer) { $0.deposit(1) } },
            { try await accounts.create { $0.stage(.opened(cents: 1)) } },
            {
                try await UnitOfWork.commit {
                    try await accounts.create(in: $0) { $0.stage(.opened(cents: 1)) }
                }
            },
        ]
        for call in calls {
            let code = await code {
                try await UnitOfWork.commit { unit in
                    try await accounts.update(payee, in: unit) { $0.deposit(1) }
                    try await call()
                }
            }
            #expect(code == .reentrant)
        }
        #expect(try await store.lastPosition() == 2 && accounts.heldTurnCount == 0)
    }

    // MARK: Somebody is faster

    @Test func aConflictInOneAggregateRepeatsAll() async throws {
        try await open()
        let (accounts, others) = (accounts(), Repository<BankAccount>(eventStore: store.inner))
        let runs = Gathered<Int>()
        store.change { state in
            state.beforeNextAppend = { [payee] in _ = try await others.update(payee) { $0.deposit(1000) } }
        }
        let saved = try await UnitOfWork.commit { unit in
            try await accounts.update(payer, in: unit) { try $0.withdraw(10) }
            return try await accounts.update(payee, in: unit) { account in
                runs.add(account.cents)
                account.deposit(10)
                return account.cents
            }
        }
        #expect(runs.values == [0, 1000] && saved.result == 1010)
        #expect(try await accounts.load(payer).cents == 90)
        #expect(try await accounts.load(payee).cents == 1010)
    }

    @Test func whoeverIsAlwaysLateGivesUpWhenTheTimeIsUp() async throws {
        try await open()
        let others = Repository<BankAccount>(eventStore: store.inner)
        let time = Mutex(Duration.zero)
        let start = ContinuousClock.now
        var configuration = configuration()
        configuration.retry.random = { 1 }
        configuration.retry.now = { start + time.withLock { $0 } }
        configuration.retry.sleep = { pause in time.withLock { $0 += pause } }
        let accounts = Repository<BankAccount>(configuration)
        store.change { state in
            state.beforeEachAppend = { [payee] in _ = try await others.update(payee) { $0.deposit(1) } }
        }
        let error = await #expect(throws: RepositoryError.self) {
            try await UnitOfWork.commit(timeout: .milliseconds(8)) { unit in
                try await accounts.update(payee, in: unit) { $0.deposit(1) }
            }
        }
        // After 1, 2 and 4 ms.
        #expect(error?.code == .conflict && error?.message.contains("at each of 4 attempts") == true)
        #expect(accounts.heldTurnCount == 0)
    }

    /// Between the two loads money goes from one account to the other, so that the closure saw what never was: neither its refusal nor its result counts.
    @Test(arguments: [true, false]) func whatWasNeverTrueIsNotDecidedOn(isRefusing: Bool) async throws {
        try await open()
        let (accounts, others) = (accounts(), Repository<BankAccount>(eventStore: store.inner))
        let sums = Gathered<Int>()
        let isFirst = Mutex(true)
        let saved = try await UnitOfWork.commit { unit in
            var sum = try await accounts.load(payer, in: unit).cents
            if isFirst.withLock({ first in
                defer { first = false }; return first
            }) {
                _ = try await Task.detached { [payer, payee] in
                    try await UnitOfWork.commit { unit in
                        try await others.update(payer, in: unit) { try $0.withdraw(30) }
                        try await others.update(payee, in: unit) { $0.deposit(30) }
                    }
                }.value
            }
            sum += try await accounts.load(payee, in: unit).cents
            sums.add(sum)
            if isRefusing, sum != 100 { throw Refused() }
            return sum
        }
        #expect(saved.result == 100 && sums.values == [130, 100])
    }

    // MARK: Commands that come twice

    @Test func aKeyStoresOnceWhateverIsDecidedThen() async throws {
        try await open()
        let routed = Gathered<Position>()
        var router = CallbackRouter()
        router.onAll { routed.add($0.position) }
        let first = try await UnitOfWork.commit(idempotencyKey: "k") { unit in
            try await accounts().update(payer, in: unit) { try $0.withdraw(60) }
            try await accounts().update(payee, in: unit) { $0.deposit(60) }
            return 1
        }
        #expect(first.result == 1 && first.receipt.commit?.wasStoredBefore == false)
        try await accounts().update(payee) { $0.deposit(1) }
        for amount in [60, 10, 0] {
            let accounts = accounts(router: router)
            let again = try await UnitOfWork.commit(idempotencyKey: "k") { unit in
                // Refused; with other bodies and fewer events; and not at all.
                if amount > 0 { try await accounts.update(payer, in: unit) { try $0.withdraw(amount) } }
                return try await accounts.load(payee, in: unit).cents
            }
            #expect(again.result == nil && again.receipt.commit?.wasStoredBefore == true)
            #expect(again.receipt.commit?.firstPosition == 3 && again.receipt.lastPosition == 4)
            if amount > 0 {
                #expect(again.aggregate(payer, as: BankAccount.self)?.cents == 40)
            }
        }
        #expect(try await store.lastPosition() == 5)
        // Of the aggregates that were named: a refused closure came no further than the first.
        #expect(routed.values == [3, 3, 4, 4])
        // The keys of updates are others.
        let update = try await accounts().update(payer, idempotencyKey: "k") { $0.deposit(1) }
        #expect(update.receipt.lastPosition == 6 && update.receipt.commit?.wasStoredBefore == false)
    }

    @Test func anAnswerThatWasLostIsFoundByItsKey() async throws {
        try await open()
        store.change { $0.losesNextAnswer = true }
        let saved = try await UnitOfWork.commit(idempotencyKey: "k") { unit in
            try await accounts().update(payer, in: unit) { try $0.withdraw(1) }
            try await accounts().update(payee, in: unit) { $0.deposit(1) }
        }
        #expect(saved.receipt.commit?.wasStoredBefore == true && saved.receipt.lastPosition == 4)
    }

    // MARK: After the commit

    @Test func eachRepositoryRoutesItsOwnAndSaysWhatDidNotGetThrough() async throws {
        try await open()
        let routed = Gathered<String>()
        var router = CallbackRouter()
        router.onAll { routed.add("\($0.position) \($0.type)") }
        var failing = CallbackRouter()
        failing.onAll { event in if event.position == 5 { throw Refused() } }
        let (accounts, books) = (accounts(router: failing), books(router: router))
        let saved = try await UnitOfWork.commit(metadata: ["user": "fry"]) { unit in
            try await accounts.update(payer, in: unit) { try $0.withdraw(1) }
            try await books.create(book, in: unit) { $0.stage(.begun) }
            try await accounts.update(payer, in: unit) { try $0.withdraw(1) }
            try await books.update(book, in: unit) { $0.stage(.begun) }
        }
        #expect(routed.values == ["4 BookBegun", "6 BookBegun"])
        let unrouted = try #require(saved.receipt.unrouted.first)
        #expect(saved.receipt.unrouted.count == 1 && unrouted.aggregateID == payer)
        #expect(unrouted.positions.contains(5))
        // Only that aggregate's, though another's lie between them.
        let again = Gathered<Position>()
        var second = CallbackRouter()
        second.onAll { again.add($0.position) }
        var whole = unrouted
        whole.positions = 3 ... 6
        try await self.accounts(router: second).routeAgain(whole)
        #expect(again.values == [3, 5])
        let events = try await store.read(EventQuery(positions: 3 ... .last)).events
        #expect(events.allSatisfy { $0.metadata.values["user"] == "fry" })
    }

    @Test func snapshotsEndWithTheLastEventOfTheirAggregate() async throws {
        let snapshots = MemorySnapshotStore()
        var configuration = configuration()
        configuration.snapshotStore = snapshots
        configuration.snapshotFrequency = 2
        let accounts = Repository<BankAccount>(configuration)
        try await UnitOfWork.commit { unit in
            for id in [payer, payee] {
                try await accounts.create(id, in: unit) { $0.stage(.opened(cents: 7)) }
            }
            for id in [payer, payee] { try await accounts.update(id, in: unit) { $0.deposit(1) } }
        }
        #expect(try await snapshots.latest(of: payer)?.position == 3)
        #expect(try await snapshots.latest(of: payee)?.position == 4)
        let later = Repository<BankAccount>(configuration)
        try await UnitOfWork.commit { unit in
            for id in [payer, payee] { try await later.update(id, in: unit) { try $0.withdraw(8) } }
        }
        #expect(try await later.verifySnapshots().isSound)
    }

    @Test func aNameBelongsToOne() throws {
        let id = AggregateID(of: "EmailAddress", named: "fry@planet.express")
        // As Python's hashlib says.
        #expect(id.description == "559f6d7e-7ae8-8a49-b1b3-a26c14628ded")
        #expect(AggregateID(of: "EmailAddressf", named: "ry@planet.express") != id)
        #expect(AggregateID(of: "EmailAddress", named: "Fry@planet.express") != id)
    }
}
