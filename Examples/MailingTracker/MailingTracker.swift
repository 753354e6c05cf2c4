// Thousands of random commands on real files, and then the question that an event store must answer: is
// there exactly one event for each command that was carried out?

import ArgumentParser
import Foundation
import Recall
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

    func validate() throws {
        if count < 0 { throw ValidationError("--count is \(count); give 0 or more.") }
        if memory, store != nil {
            throw ValidationError("--memory and --store exclude each other; give one.")
        }
    }

    func run() async throws {
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
            result = .success(try await track(log.events, log.snapshots))
        } catch {
            result = .failure(error)
        }
        try await log.close()
        try result.get()
    }

    private func track(_ events: any EventStore, _ snapshots: any SnapshotStore) async throws {
        let seed = self.seed ?? UInt64.random(in: 0 ... .max)
        let firstPosition = try await events.lastPosition().next
        let repository = Repository<Account>(
            RepositoryConfiguration(eventStore: events, snapshotStore: snapshots))
        var workload = Workload(repository: repository, seed: seed)
        let clock = ContinuousClock()
        let duration = try await clock.measure {
            for _ in 0 ..< count { try await workload.issueCommand() }
        }
        let seconds = duration / .seconds(1)
        print(
            "\(count) commands in \(seconds.formatted(.number.precision(.fractionLength(2)))) s, seed \(seed)"
        )
        if try await !compare(workload, with: events, from: firstPosition) { throw ExitCode(1) }
    }

    /// Prints commands beside events, and says whether each pair is equal and no other event is there.
    private func compare(
        _ workload: Workload, with events: any EventStore, from firstPosition: Position
    ) async throws -> Bool {
        var player = Player(store: events)
        for kind in Workload.Kind.allCases { player.on(kind.eventType, name: kind.rawValue) { _ in } }
        let report = try await player.play(EventQuery(positions: firstPosition ... .last))
        var isEqual = report.unhandledEventCount == 0 && report.eventCount == count
        print(row("command", "issued", "event", "found"))
        for kind in Workload.Kind.allCases {
            let issued = workload.issuedCounts[kind] ?? 0
            let found = report.eventCountsByHandler[kind.rawValue] ?? 0
            if issued != found { isEqual = false }
            print(row(kind.rawValue, "\(issued)", "\(kind.eventType)", "\(found)"))
        }
        print(row("all", "\(count)", "all", "\(report.eventCount)"))
        print(isEqual ? "Each command has its event." : "Commands and events differ.")
        return isEqual
    }

    private func row(_ command: String, _ issued: String, _ event: String, _ found: String) -> String {
        func left(_ text: String) -> String { text.padding(toLength: 20, withPad: " ", startingAt: 0) }
        func right(_ text: String) -> String {
            String(repeating: " ", count: max(0, 8 - text.count)) + text
        }
        return left(command) + right(issued) + "  " + left(event) + right(found)
    }
}
