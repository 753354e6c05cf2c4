// The program `recall-benchmarks`: measures the engine in one run, beside other stores and what the disk itself could do.

import ArgumentParser

@main
struct RecallBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall-benchmarks",
        abstract: "Measure the engine on this machine and this disk, beside other stores and a bare file.",
        discussion: "What each row means, and how the stores are set up: Benchmarks/README.md.",
        subcommands: [
            MeasureCommand.self, LargeCommand.self, TableCommand.self, PlotCommand.self,
            CalibrateCommand.self,
        ],
        defaultSubcommand: MeasureCommand.self)
}
