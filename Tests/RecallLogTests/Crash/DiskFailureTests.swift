// Each call to the disk fails once, in each way in which it can, and the system goes on: the store says so, takes nothing
// more where it does not know what the disk holds, and is whole when it is opened again, in the cache that the failure
// left and after the power is lost, too.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct DiskFailureTests {
    /// What is tried of a call of a kind, beside that it simply fails.
    private static func effects(of kind: SimulatedOperation.Kind) -> [SimulatedFault.Effect] {
        switch kind {
        case .sync: [.fail, .failForgettingDirtyData, .failRevertingDirtyData]
        case .write: [.fail, .failAfter(byteCount: 300), .short(byteCount: 300)]
        case .read: [.fail, .failAfter(byteCount: 100), .short(byteCount: 100)]
        default: [.fail]
        }
    }

    private static func check(
        _ disk: SimulatedDisk, _ life: CrashLife, _ what: String
    ) {
        do { try life.checker.check(disk, holds: life.history) } catch {
            Issue.record("\(life.writing), \(what): \(error)\n\(disk.transcript())")
        }
    }

    /// Lives with a disk that fails, and looks at what is left: all of the life, since each failure is over when the
    /// store is opened again.
    private static func survive(
        _ life: CrashLife, on disk: SimulatedDisk, crashSeed: Int, _ what: String,
        _ isOver: @escaping @Sendable (SimulatedDisk) -> Void = { _ in }
    ) {
        var life = life
        do { try life.surviveFailures(on: disk) { isOver(disk) } } catch {
            Issue.record("\(life.writing), \(what): \(error)\n\(disk.transcript())")
            return
        }
        for crash in [SimulatedCrash.losingEverythingUnsynced, .arbitrary(seed: UInt64(crashSeed))] {
            check(disk.crash(crash), life, "\(what), crash \(crash)")
        }
    }

    @Test(arguments: [CrashLife.Writing.plain, .rewritten, .inOneFile])
    func failureOfAnyCallIsSurvived(writing: CrashLife.Writing) throws {
        var life = CrashLife(writing)
        let whole = SimulatedDisk(options: life.options)
        life.live(on: whole)
        let calls = whole.trace
        #expect(calls.count == whole.operationCount && calls.count > 100)
        for number in TestEffort.steps(calls.indices) {
            for effect in Self.effects(of: calls[number].kind) {
                let disk = SimulatedDisk(options: life.options)
                disk.plan(SimulatedFault(occurrence: number + 1, number: 5, effect: effect))
                Self.survive(
                    CrashLife(writing), on: disk, crashSeed: number, "call \(calls[number]), \(effect)")
            }
        }
    }

    /// The disk is full at each size that it has in a whole life, and one byte before and after, until somebody makes room.
    @Test(arguments: [CrashLife.Writing.compressed, .rewrittenInOneFile])
    func fullDiskAtAnyByteIsSurvived(writing: CrashLife.Writing) throws {
        var life = CrashLife(writing)
        let whole = SimulatedDisk(options: life.options)
        whole.startRecording()
        life.live(on: whole)
        let sizes = Set(whole.finishRecording().map(\.usedBytes)).sorted()
        #expect(sizes.count > 10)
        var capacities: Set<Int> = []
        for (size, next) in zip(sizes, sizes.dropFirst()) {
            capacities.formUnion([max(0, size - 1), size, size + 1, (size + next) / 2])
        }
        for capacity in TestEffort.steps(capacities.sorted()) {
            let disk = SimulatedDisk(options: life.options)
            disk.setCapacity(bytes: capacity)
            Self.survive(CrashLife(writing), on: disk, crashSeed: capacity, "\(capacity) bytes") {
                $0.setCapacity(bytes: nil)
            }
        }
    }
}
