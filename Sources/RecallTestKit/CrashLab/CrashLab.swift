// The crash lab: random lives of a store on a disk that crashes and fails, each step checked against the plain
// model. One seed is one store from its making through several sessions, and always the same one: nothing here
// depends on a thread, a clock or an address, so a seed that fails can be run again and looked at.
//
// What is promised and checked: what was acknowledged is there after any crash that its durability covers, whole and in
// order; what was not is there whole or not at all; nothing else is there; positions and versions have no gaps;
// a receipt is what is stored; readers see what lasts; opening never fails where no fault was injected.

package import RecallLog

/// Runs random lives of a store.
package enum CrashLab {
    /// Lives one seed.
    /// - Parameters:
    ///   - sabotages: bugs to put in, which the lab is to find.
    ///   - isTracing: whether the report gets the steps and the calls to the disk.
    /// - Throws: the first promise that was broken.
    package static func run(
        seed: UInt64, sabotages: Sabotages = Sabotages(), isTracing: Bool = false
    ) throws(CrashLabViolation) -> CrashLabReport {
        let run = LabRun(seed: seed, sabotages: sabotages, isTracing: isTracing)
        do {
            for number in 1 ... run.sessionCount { try run.live(session: number) }
            try run.finish()
        } catch {
            throw CrashLabViolation(
                seed: seed, settings: "\(run.settings)", steps: run.steps, operations: run.lastOperations,
                reason: "\(error)")
        }
        return CrashLabReport(statistics: run.statistics, trace: run.fullTrace)
    }
}

/// What a seed's lives were.
package struct CrashLabReport: Sendable {
    package var statistics: CrashLabStatistics
    /// Each step and each call to the disk, where that was asked for.
    package var trace: [String]
}

/// A promise that was broken, and how to see it again.
package struct CrashLabViolation: Error, CustomStringConvertible {
    package var seed: UInt64
    package var settings: String
    package var steps: [String]
    package var operations: [String]
    package var reason: String

    package var description: String {
        """
        Seed \(seed): \(reason)
        The store: \(settings)
        The steps:
        \(steps.map { "  " + $0 }.joined(separator: "\n"))
        The last calls to the disk:
        \(operations.map { "  " + $0 }.joined(separator: "\n"))
        Run it again: scripts/crash-lab --replay \(seed)
        """
    }
}
