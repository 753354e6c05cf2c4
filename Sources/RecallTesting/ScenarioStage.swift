// Where a scenario happens: stores in memory, a clock that goes on by itself, ids that count. All of it is new for each run, so that one scenario knows
// nothing of another and each run is like the one before.

internal import Recall
internal import Synchronization

/// The stores of one run of a scenario.
final class ScenarioStage<Root: AggregateRoot>: Sendable {
    let id: AggregateID
    let events: MemoryEventStore
    let configuration: RepositoryConfiguration
    private let repository: Repository<Root>

    init(_ id: AggregateID, _ coder: EventCoder) {
        self.id = id
        var configuration = RepositoryConfiguration.fixed(coder: coder)
        events = MemoryEventStore(clock: configuration.clock)
        configuration.eventStore = events
        // Each save makes one, so that each is held against the events.
        configuration.snapshotStore = MemorySnapshotStore()
        configuration.snapshotFrequency = 1
        configuration.checks = StateChecks(comparesAtSave: true, snapshotSampleRate: 0)
        self.configuration = configuration
        repository = Repository(configuration)
    }

    func append(_ happenings: [Happening<Root>]) async throws {
        if happenings.isEmpty { return }
        let events = try happenings.map { happening in
            try happening.event(
                of: id, configuration.coder, id: configuration.makeEventID(), time: configuration.clock.now())
        }
        _ = try await self.events.append(Commit(events: events))
    }

    @discardableResult
    func change<Result>(_ change: (inout Root) throws -> Result) async throws -> Saved<Root, Result> {
        try await events.lastPosition() == .beforeFirst
            ? await repository.create(id, change) : await repository.update(id, change)
    }

    /// Where the state of a saved aggregate is not what its events give, and its snapshot neither; nil where all is one.
    func problem(of saved: Root) async throws -> String? {
        if saved.version == .beforeFirst { return nil }
        // From the first event on, and nothing in memory.
        var bare = configuration
        bare.snapshotStore = nil
        let replayed = try await Repository<Root>(bare).load(id, asOf: .version(saved.version))
        let differences = repository.differences(kept: saved, replayed: replayed)
        if !differences.isEmpty {
            return "the state after the save is not what its events give: \(Self.list(differences))"
        }
        let verification = try await repository.verifySnapshots()
        if let finding = verification.findings.first {
            return "the snapshot is not what the events give: \(finding)"
        }
        if verification.unusableCount > 0 { return "the snapshot cannot be read back" }
        return nil
    }

    private static func list(_ differences: [StateDifference]) -> String {
        differences.map(\.description).joined(separator: "; ")
    }
}
