// Lives many seeds on all cores, and says what they were full of. Ends at the first promise that is broken.

internal import ArgumentParser
internal import RecallTestKit
internal import Synchronization

struct SeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seeds", abstract: "Runs random lives of a store against the reference model.")

    @Option(help: "How many seeds.")
    var count = 100_000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "How many run at the same time.")
    var workers = 2

    @Option(help: "Ends after about so many seconds, however many seeds are left.")
    var seconds: Int?

    @Flag(help: "Prints every step and every call to the disk.")
    var trace = false

    @OptionGroup
    var bug: BugOption

    func validate() throws {
        guard count > 0, workers > 0 else { throw ValidationError("Counts begin with 1.") }
    }

    func run() async throws {
        let progress = SeedProgress(first: from, count: count, seconds: seconds)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0 ..< min(workers, count) { group.addTask { work(progress) } }
        }
        if let violation = progress.violation {
            print(violation)
            throw ExitCode.failure
        }
        progress.printSummary()
    }

    private func work(_ progress: SeedProgress) {
        while let seed = progress.nextSeed() {
            do {
                let report = try CrashLab.run(seed: seed, sabotages: bug.sabotages, isTracing: trace)
                for line in report.trace { print(line) }
                progress.add(report.statistics)
            } catch {
                progress.fail(error)
            }
        }
    }
}
