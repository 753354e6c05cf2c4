// Thousands of random commands on a real store, and then the question that an event store must answer: is
// there exactly one event for each command that was carried out, and did each get where it was to go?

import ArgumentParser
import Foundation
import Recall
import RecallConfiguration
import RecallLog

@main
struct MailingTracker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailing-tracker",
        abstract: "Issues random commands on mailing accounts, and compares them with the stored events.")

    @Option(help: "How many commands to issue.")
    var count = 10_000

    @Option(help: "What decides which commands are issued; random unless given.")
    var seed: UInt64?

    @Option(help: "The store to use; a temporary one that is removed at the end unless given.")
    var store: String?

    @Flag(help: "Use a store in memory.")
    var memory = false

    @Option(help: "A configuration file that names event store, snapshot store and router.")
    var config: String?

    @Option(help: "Where the relay to the router of --config keeps its cursor; in memory unless given.")
    var relayState: String?

    func validate() throws {
        if count < 0 { throw ValidationError("--count is \(count); give 0 or more.") }
        if [memory, store != nil, config != nil].count(where: { $0 }) > 1 {
            throw ValidationError("--memory, --store and --config exclude each other; give one.")
        }
        if relayState != nil, config == nil {
            throw ValidationError("--relay-state is of use with --config only; give both.")
        }
    }

    func run() async throws {
        if let config { return try await runConfigured(config) }
        if memory {
            try await track(MemoryEventStore(), MemorySnapshotStore())
            return
        }
        let path =
            store
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("mailing-tracker-\(UUID().uuidString)").path
        defer { if store == nil { try? FileManager.default.removeItem(atPath: path) } }
        let log = try await Log.open(at: path)
        let result: Result<Void, any Error>
        do {
            try await track(log.events, log.snapshots)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await log.close()
        try result.get()
    }

    /// Stores and router as a file chooses them. The router gets the events from a relay, beside the commands.
    private func runConfigured(_ file: String) async throws {
        let services = try await Neighbours.services(file: file)
        let result: Result<Void, any Error>
        do {
            let chosen = try await services.repositoryConfiguration(for: Account.aggregateType)
            var delivery: Delivery?
            if let router = chosen.router {
                delivery = try await Delivery(from: chosen.eventStore, to: router, statePath: relayState)
            }
            try await track(chosen.eventStore, chosen.snapshotStore, delivery)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await services.close()
        try result.get()
    }

    private func track(
        _ events: any EventStore, _ snapshots: (any SnapshotStore)?, _ delivery: Delivery? = nil
    ) async throws {
        let seed = self.seed ?? UInt64.random(in: 0 ... .max)
        let firstPosition = try await events.lastPosition().next
        let repository = Repository<Account>(
            RepositoryConfiguration(eventStore: events, snapshotStore: snapshots))
        var workload = Workload(repository: repository, seed: seed)
        let running = delivery.map { delivery in Task { try await delivery.run() } }
        defer { running?.cancel() }
        let clock = ContinuousClock()
        let duration = try await clock.measure {
            for _ in 0 ..< count { try await workload.issueCommand() }
        }
        let seconds = duration / .seconds(1)
        print(
            "\(count) commands in \(seconds.formatted(.number.precision(.fractionLength(2)))) s, seed \(seed)"
        )
        running?.cancel()
        let delivered = try await delivery?.finish(from: firstPosition)
        let table = try await ComparisonTable(
            issued: workload.issuedCounts, stored: events, from: firstPosition, delivered: delivered)
        print(table)
        if !table.isEqual { throw ExitCode(1) }
    }
}
