// The program behind scripts/crash-lab. Its steps are subcommands, so that the script can run one after the other
// and a failure names the command that repeats it.

internal import ArgumentParser

@main
struct CrashLabProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "RecallCrashLab",
        abstract: "Proves what Recall's log promises, on a simulated disk that crashes and fails.",
        subcommands: [SeedsCommand.self, FixedCommand.self, RotCommand.self])
}
