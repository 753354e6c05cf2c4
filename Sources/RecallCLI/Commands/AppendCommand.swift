// `recall append`: reads events line by line and commits them, one or --batch at a time. What it
// acknowledges is stored under the promise of --durability; the first thing that goes wrong ends the run,
// and everything acknowledged before it stays.

import ArgumentParser
import Recall
import RecallLog

struct AppendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append events from standard input, one JSON object a line.",
        discussion: """
            Creates the store where there is none. Of an event only "aggregate", "type" and "data" are \
            required. A bad line ends the run with status 2; what was stored before it stays.
            """)

    @Argument(help: "The directory of the store.")
    var store: String

    @Option(help: "What holds when a commit is acknowledged: commit (synced), interval or system (written).")
    var durability: DurabilityOption = .commit

    @Option(help: ArgumentHelp("How many lines are committed at once.", valueName: "n"))
    var batch: Int = 1

    @Flag(help: "Print one line for each commit when its promise holds.")
    var ack = false

    private func checkOptions() throws {
        let batchMax = StoreLimits.standard.eventsPerCommitCountMax
        guard batch >= 1, batch <= batchMax else {
            throw CommandFailure(
                .badInput, "--batch is \(batch); give it a number from 1 to \(batchMax).")
        }
    }

    func run() throws {
        try checkOptions()
        let path = try StorePath(store)
        let stop = try StopRequest()
        SignalWatch.start { stop.stop(by: $0) }
        var configuration = LogConfiguration()
        configuration.durability = durability.durability
        let log = try Log.openBlocking(at: path.path, access: .createOrOpen, configuration: configuration)
        var run = AppendRun(
            log: log, eventsPerCommit: batch, acknowledges: ack, limits: configuration.limits, stop: stop)
        let result = Result { try run.run() }
        if let kept = log.keptTail {
            Message.print(
                "\(Figure.count(kept.commitCount, "commit")) with \(Figure.count(kept.eventCount, "event")) stood behind the end of segment \(kept.segment), and may have been acknowledged; they are kept in \(kept.path)."
            )
        }
        do throws(StoreError) {
            try log.closeBlocking()
        } catch {
            // What went wrong first says more than that the store could not be closed after it.
            if case .success = result { throw error }
        }
        let stored = Figure.grouped(run.storedCount) + (run.storedCount == 1 ? " event" : " events")
        switch result {
        case .success:
            let reason = stop.signal.map { " before \(SignalWatch.name($0)) ended the run" } ?? ""
            Message.print("Appended \(stored)\(reason).")
        case .failure(is OutputClosed):
            throw CommandFailure(
                .badInput,
                "Nobody reads the acknowledgements any more; \(stored) \(run.storedCount == 1 ? "is" : "are") stored, append the rest again."
            )
        case .failure(let error):
            throw error
        }
    }
}
