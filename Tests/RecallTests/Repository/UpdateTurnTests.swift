// Many who change one aggregate. 200 tasks that called `update` for one id on a log with a sync for each commit: 143 to 170 of
// them failed with `conflict`, because all raced for the same version and gave up after ten attempts.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

struct UpdateTurnTests {
    let store = FaultyEventStore()
    let ids = AgencyIDs()

    func repository(_ change: (inout RepositoryConfiguration) -> Void = { _ in }) -> Repository<Agency> {
        var configuration = RepositoryConfiguration(eventStore: store)
        change(&configuration)
        return Repository(configuration)
    }

    func code<Value>(_ body: () async throws -> Value) async -> RepositoryError.Code? {
        do { _ = try await body() } catch { return (error as? RepositoryError)?.code }
        return nil
    }

    @Test(arguments: [200, 2000])
    func updatesOfOneRepositoryNeverMeetAConflict(count: Int) async throws {
        let repository = repository { $0.retry.timeout = .zero }
        try await repository.create(ids.agency) { $0.rename("0") }
        try await withThrowingTaskGroup { group in
            for _ in 0 ..< count {
                group.addTask { [ids] in
                    try await repository.update(ids.agency) { $0.rename("\((Int($0.name) ?? 0) + 1)") }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await repository.load(ids.agency).name == "\(count)")
        // One for each, and the first: none was tried twice.
        #expect(store.appendCount == count + 1)
    }

    /// Two repositories on one store race each other, and each is tried again until it is done.
    @Test func updatesOfSeveralRepositoriesAreTriedAgainUntilTheyAreDone() async throws {
        let repositories = (0 ..< 4).map { _ in
            repository {
                $0.retry.sleep = { _ in await Task.yield() }
                $0.retry.timeout = .seconds(3600)
            }
        }
        try await repositories[0].create(ids.agency) { $0.rename("0") }
        try await withThrowingTaskGroup { group in
            for index in 0 ..< 200 {
                group.addTask { [ids] in
                    try await repositories[index % 4].update(ids.agency) {
                        $0.rename("\((Int($0.name) ?? 0) + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await repository().load(ids.agency).name == "200")
    }

    /// Whoever is always late gives up when the time is up, and not after a number of attempts.
    @Test func retriesBackOffUntilTheirDeadline() async throws {
        let time = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let pauses = Gathered<Duration>()
        let repository = repository { configuration in
            configuration.retry = ConflictRetry(
                timeout: .milliseconds(500),
                backOff: BackOff(first: .milliseconds(1), max: .milliseconds(64), factor: 2, jitter: 1))
            configuration.retry.random = { 0.5 }
            configuration.retry.now = { start + time.withLock { $0 } }
            configuration.retry.sleep = { pause in
                pauses.add(pause)
                time.withLock { $0 += pause }
            }
        }
        try await repository.create(ids.agency) { $0.rename("mine") }
        let other = Repository<Agency>(eventStore: store.inner)
        let isBeaten = Mutex(true)
        store.change { state in
            state.beforeEachAppend = { [ids] in
                if isBeaten.withLock({ $0 }) { try await other.update(ids.agency) { $0.rename("theirs") } }
            }
        }
        let error = await #expect(throws: RepositoryError.self) {
            try await repository.update(ids.agency) { $0.rename("late") }
        }
        #expect(error?.code == .conflict && error?.message.contains("at each of 21 attempts") == true)
        let growing = [500, 1000, 2000, 4000, 8000, 16_000].map { Duration.microseconds($0) }
        let expected = growing + Array(repeating: .milliseconds(32), count: 14)
        #expect(pauses.values == expected)
        isBeaten.withLock { $0 = false }
        try await repository.update(ids.agency) { $0.rename("in time") }
        #expect(try await other.load(ids.agency).name == "in time")
    }

    /// Holds the turn of an agency until it is let go, and says when it has it.
    func holdTurn(of repository: Repository<Agency>, _ id: AggregateID) async -> (Task<Void, any Error>, Gate)
    {
        let (isHeld, isReleased) = (Gate(), Gate())
        store.change { state in
            state.beforeNextAppend = {
                isHeld.open()
                await isReleased.wait()
            }
        }
        let task = Task { _ = try await repository.update(id) { $0.rename("held") } }
        await isHeld.wait()
        return (task, isReleased)
    }

    func waitUntil(_ count: Int, waitIn repository: Repository<Agency>, for id: AggregateID) async {
        while repository.waitingUpdateCount(for: id) < count { await Task.yield() }
    }

    @Test func updatesAreCarriedOutInTheOrderOfTheirCalls() async throws {
        let repository = repository()
        try await repository.create(ids.agency) { $0.rename("first") }
        let (held, gate) = await holdTurn(of: repository, ids.agency)
        var waiting: [Task<Void, any Error>] = []
        for index in 1 ... 20 {
            waiting.append(
                Task { [ids] in _ = try await repository.update(ids.agency) { $0.rename("\(index)") } })
            await waitUntil(index, waitIn: repository, for: ids.agency)
        }
        // Other aggregates have turns of their own.
        let other = try await repository.create { $0.rename("other") }.aggregate
        try await repository.update(other.id) { $0.rename("at once") }
        gate.open()
        for task in waiting + [held] { try await task.value }
        let names = try await store.read(EventQuery(.aggregate(ids.agency))).events.compactMap { event in
            try? JSONDecoder().decode(Named.self, from: event.payload).name
        }
        #expect(names == ["first", "held"] + (1 ... 20).map { "\($0)" })
        #expect(repository.heldTurnCount == 0)
    }

    @Test func cancelledUpdateLeavesTheLineAndStoresNothing() async throws {
        let repository = repository()
        try await repository.create(ids.agency) { $0.rename("first") }
        let (held, gate) = await holdTurn(of: repository, ids.agency)
        let waiting = (1 ... 3).map { index in
            Task { [ids] in _ = try await repository.update(ids.agency) { $0.rename("\(index)") } }
        }
        await waitUntil(3, waitIn: repository, for: ids.agency)
        waiting[1].cancel()
        // Before the turn is free: it ends at once.
        await #expect(throws: CancellationError.self) { try await waiting[1].value }
        #expect(repository.waitingUpdateCount(for: ids.agency) == 2)
        gate.open()
        for task in [held, waiting[0], waiting[2]] { try await task.value }
        #expect(try await repository.load(ids.agency).version == 4)
        #expect(repository.heldTurnCount == 0)
        let late = Task { [ids] in
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await repository.update(ids.agency) { $0.rename("never") }
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(try await repository.load(ids.agency).version == 4)
    }

    @Test func lineHasABound() async throws {
        let repository = repository { $0.waitingUpdateCountMax = 2 }
        try await repository.create(ids.agency) { $0.rename("first") }
        let (held, gate) = await holdTurn(of: repository, ids.agency)
        let waiting = (1 ... 2).map { _ in
            Task { [ids] in _ = try await repository.update(ids.agency) { $0.rename("waits") } }
        }
        await waitUntil(2, waitIn: repository, for: ids.agency)
        #expect(await code { try await repository.update(ids.agency) { $0.rename("no") } } == .busy)
        gate.open()
        for task in waiting + [held] { try await task.value }
        #expect(try await repository.load(ids.agency).version == 4)
    }

    /// A failure must not keep the turn.
    @Test func turnIsGivenBackWhateverHappens() async throws {
        struct Refusal: Error {}
        let repository = repository()
        #expect(await code { try await repository.update(ids.agency) { $0.rename("none") } } == .notFound)
        try await repository.create(ids.agency) { $0.rename("first") }
        await #expect(throws: Refusal.self) {
            try await repository.update(ids.agency) { _ in throw Refusal() }
        }
        store.change { $0.losesNextAnswer = true }
        #expect(await code { try await repository.update(ids.agency) { $0.rename("lost") } } == .store)
        #expect(repository.heldTurnCount == 0)
        try await repository.update(ids.agency) { $0.rename("last") }
        #expect(repository.heldTurnCount == 0)
    }

    /// It would wait for itself.
    @Test func updateInsideTheChangeOfTheSameAggregateIsRefused() async throws {
        let repository = repository()
        try await repository.create(ids.agency) { $0.rename("first") }
        let inner = Gathered<RepositoryError.Code?>()
        // The outer one has its turn until the inner one has ended. Waiting in the change would hold a thread of Swift's pool, of
        // which there are two here, until each test that began earlier has let go of the other.
        let isDone = Gate()
        store.change { $0.beforeNextAppend = { await isDone.wait() } }
        try await repository.update(ids.agency) { agency in
            agency.rename("outer")
            Task { [ids] in
                do {
                    try await repository.update(ids.agency) { $0.rename("inner") }
                } catch {
                    inner.add((error as? RepositoryError)?.code)
                }
                isDone.open()
            }
        }
        #expect(inner.values == [.reentrant])
        #expect(try await repository.load(ids.agency).name == "outer")
    }

    /// The turn has ended when a router gets the events, so handlers may update whatever they like, each other's aggregates
    /// crosswise too.
    @Test func handlersUpdateTheAggregatesWhoseEventsTheyGet() async throws {
        let pair = [ids.agency, AggregateID()]
        let repositories = Gathered<Repository<Agency>>()
        var router = CallbackRouter()
        router.on(Added.self) { _, event in
            for id in pair {
                try await repositories.values[0].update(id) { $0.rename("by \(event.position)") }
            }
        }
        let repository = repository { [router] in $0.router = router }
        repositories.add(repository)
        for id in pair { try await repository.create(id) { $0.rename("first") } }
        try await withThrowingTaskGroup { group in
            for _ in 0 ..< 20 {
                for id in pair {
                    group.addTask {
                        let saved = try await repository.update(id) { $0.add(AggregateID()) }
                        guard case .routed = saved.receipt.routing else {
                            throw StoreError(.unavailable, "not routed")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        for id in pair { #expect(try await repository.load(id).version == 61) }
    }
}

/// Opens once, for the one who waits.
final class Gate: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}
