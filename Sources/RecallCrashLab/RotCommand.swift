// Flips every bit of every file of the small stores of the rot matrix, on all cores, and says what was hit.

internal import ArgumentParser
internal import Foundation
internal import RecallTestKit
internal import Synchronization

struct RotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rot",
        abstract: "Flips each bit of each file of small stores and checks everything that can be read.")

    @Option(help: "How many bits of each byte: 8 are all of them.")
    var bits = 8

    @Option(help: "One in so many bytes.")
    var stride = 1

    @Option(help: "How many run at the same time.")
    var workers = 2

    @Option(help: "Which bits, where not all are flipped.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1 ... 8).contains(bits), stride > 0, workers > 0 else {
            throw ValidationError("A byte has 1 to 8 bits; counts begin with 1.")
        }
    }

    func run() async throws {
        var settings = RotSettings.complete
        settings.bitCount = bits
        settings.usedStride = stride
        settings.seed = seed
        for kind in RotStoreKind.allCases {
            // The stores differ in their last segment and its index alone, so that one of them is enough for the rest.
            let isSampled = kind == .closedWithoutTailIndex
            settings.indexStride = isSampled ? 16 * stride : stride
            settings.unusedStride = isSampled ? 16 * stride : stride
            let start = ContinuousClock.now
            let statistics = try await run(try RotMatrix(kind, settings))
            print(
                "\(kind.rawValue): \(statistics.flipCount) flips, \((ContinuousClock.now - start).components.seconds) s"
            )
            for region in RotRegion.allCases {
                guard let count = statistics.flipCounts[region] else { continue }
                let digits = String(count)
                print(
                    String(repeating: " ", count: max(0, 12 - digits.count)) + digits + "  " + region.rawValue
                )
            }
            print(
                "  \(statistics.salvageCount) of them salvaged, \(statistics.writerCount) opened for appending"
            )
        }
        print("No flipped bit was believed, and none was lost in silence.")
    }

    private func run(_ matrix: RotMatrix) async throws -> RotStatistics {
        let progress = RotProgress(byteCount: matrix.byteCount / stride)
        do {
            return try await withThrowingTaskGroup(of: RotStatistics.self) { group in
                for part in 0 ..< workers {
                    group.addTask { try matrix.run(part: part, of: workers) { progress.add($0) } }
                }
                var sum = RotStatistics()
                for try await statistics in group { sum += statistics }
                return sum
            }
        } catch let violation as RotViolation {
            print(violation)
            throw ExitCode.failure
        }
    }
}

/// Tells on standard error how far the matrix is, now and then; ends the others once one has failed.
private final class RotProgress: Sendable {
    private let state: Mutex<(count: Int, reported: ContinuousClock.Instant)>
    private let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        state = Mutex((0, ContinuousClock.now))
    }

    func add(_ count: Int) -> Bool {
        guard !Task.isCancelled else { return false }
        let now = ContinuousClock.now
        let message = state.withLock { state -> String? in
            state.count += count
            guard now - state.reported > .seconds(10) else { return nil }
            state.reported = now
            return "\(state.count) of \(byteCount) bytes\n"
        }
        if let message { FileHandle.standardError.write(Data(message.utf8)) }
        return true
    }
}
