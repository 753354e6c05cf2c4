// Lives the fixed lives, each with many crashes.

internal import ArgumentParser
internal import RecallLog
internal import RecallTestKit

struct FixedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixed", abstract: "Runs short lives that are always the same, each with many crashes.")

    @Option(help: "How many crashes for each life.")
    var crashes: UInt64 = 4096

    @OptionGroup
    var bug: BugOption

    func run() throws {
        for life in CrashLab.FixedLife.allCases {
            let (count, violation) = CrashLab.run(life, sabotages: bug.sabotages, crashCount: crashes)
            print("\(count) crashes of: \(life.rawValue)")
            if let violation {
                print(violation)
                throw ExitCode.failure
            }
        }
    }
}
