// The program `recall-benchmark-guard`: fails when the engine has become clearly worse, on any machine and within a
// minute. It needs none of the databases that the benchmarks compare with.

import CAllocationCount
import Foundation
import RecallBenchmarksKit

@main
enum RecallBenchmarkGuard {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count <= 1, arguments.first?.hasPrefix("-") != true else {
            fail("Use: recall-benchmark-guard [directory whose disk is used]", status: 64)
        }
        let parent = arguments.first ?? FileManager.default.currentDirectoryPath
        let path = "\(parent)/recall-guard-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } catch {
            fail("No directory can be made in \(parent): name one that can be written.", status: 64)
        }
        do {
            let losses = try await check(path)
            try? FileManager.default.removeItem(atPath: path)
            if !losses.isEmpty { fail(losses.joined(separator: "\n"), status: 1) }
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            fail("The guard could not measure: \(error)", status: 2)
        }
    }

    /// - Returns: a sentence for each limit that does not hold.
    private static func check(_ path: String) async throws -> [String] {
        var losses: [String] = []
        func check(_ what: String, _ measured: Double, _ isAllowed: Bool, _ limit: String) {
            let figure = String(format: "%.3f", measured)
            print("\(isAllowed ? "ok  " : "LOSS")  \(what): \(figure) (\(limit))")
            if !isAllowed {
                losses.append("The engine has become worse: \(what): \(figure), and not \(limit).")
            }
        }
        if allocation_count_works() != 0 {
            let counts = try AllocationCheck(directory: path)
            func atMost(_ what: String, _ measured: Double, _ limit: Double) {
                check(what, measured, measured <= limit, "at most \(limit)")
            }
            atMost(
                "allocations for each replayed event", counts.perReplayedEvent,
                GuardLimits.allocationsPerReplayedEvent)
            atMost("allocations for each commit", counts.perCommit, GuardLimits.allocationsPerCommit)
            atMost(
                "allocations for each further event of a commit", counts.perFurtherEvent,
                GuardLimits.allocationsPerFurtherEvent)
        } else {
            print("Allocations are not counted on this system.")
        }
        func atLeast(_ what: String, _ measured: Double, _ limit: Double) {
            check(what, measured, measured >= limit, "at least \(limit)")
        }
        atLeast(
            "durable appends in multiples of a bare file",
            try await RatioCheck.ratio(directory: path, isDurable: true, commitCount: 500),
            GuardLimits.durableRatio)
        atLeast(
            "appends that are not synced in multiples of a bare file",
            try await RatioCheck.ratio(directory: path, isDurable: false, commitCount: 20_000),
            GuardLimits.systemRatio)
        return losses
    }

    private static func fail(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(status)
    }
}
