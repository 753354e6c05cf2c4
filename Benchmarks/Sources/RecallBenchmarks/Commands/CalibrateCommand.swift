// `recall-benchmarks calibrate`: how the workload compresses, for whoever changes it.

import ArgumentParser
import Foundation
import RecallBenchmarksKit

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Print how many bytes LZ4 leaves of the workload, as JSON.")

    @Option(help: "Where the sequence of events begins.")
    var seed: UInt64 = 2026

    @Flag(help: "Print some payloads instead.")
    var samples = false

    func run() throws {
        var workload = Workload(seed: seed)
        if samples {
            for event in workload.commits(5, eventCount: 1).joined() {
                print(event.id.uuidString.lowercased(), String(decoding: event.payload, as: UTF8.self))
            }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(Density(of: workload)), as: UTF8.self))
    }
}
