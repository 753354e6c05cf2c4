// What goes wrong in a session: the power fails at some change to the disk, a call fails, or space runs out.

internal import RecallLog

extension LabRun {
    /// Decides what will go wrong in this session, if anything does.
    func planTrouble() {
        // What was planned for the opening may not have happened yet.
        if isTroubled { return }
        switch number(in: 0 ..< 100) {
        case 0 ..< 30: break
        case 30 ..< 65:
            isTroubled = true
            disk.stop(afterMutation: disk.mutationCount + number(in: 0 ..< 60))
            note("the power will fail")
        case 65 ..< 88:
            let common: [SimulatedOperation.Kind] = [
                .sync, .sync, .sync, .write, .write, .preallocate, .syncDirectory, .rename,
            ]
            planFault(of: chance(75) ? common : SimulatedOperation.Kind.allCases, within: 30)
        default:
            isTroubled = true
            let bytes = disk.usedBytes + number(in: 0 ..< 160 << 10)
            disk.setCapacity(bytes: bytes)
            note("the disk will be full at \(bytes) bytes")
        }
    }

    func planFault(of kinds: [SimulatedOperation.Kind], within occurrenceMax: Int) {
        let effects: [SimulatedFault.Effect] = [
            .fail, .failForgettingDirtyData, .failRevertingDirtyData,
            .failAfter(byteCount: number(in: 0 ..< 2_000)), .short(byteCount: number(in: 1 ..< 2_000)),
        ]
        let fault = SimulatedFault(
            element(of: kinds), occurrence: number(in: 1 ..< occurrenceMax), number: 5,
            effect: element(of: effects))
        disk.plan(fault)
        plannedFaultCount += 1
        isTroubled = true
        // What no sync was waited for may be gone without a crash.
        if fault.kind == .sync, !settings.isSynced {
            isCacheDoubtful = true
            isSyncToFail = true
        }
        note("call \(fault.occurrence) of \(fault.kind?.rawValue ?? "any kind") will fail, \(fault.effect)")
    }

    /// What has not gone wrong by now will not.
    func endTrouble() {
        let struckCount = plannedFaultCount - disk.pendingFaultCount
        statistics.injectedFaultCount += struckCount
        if struckCount > 0 { mayHoldTornSuperblock = true }
        plannedFaultCount = 0
        isSyncToFail = false
        disk.forgetFaults()
        disk.setCapacity(bytes: nil)
        if !disk.isStopped { disk.stop(afterMutation: .max) }
        isTroubled = false
    }

    /// Whether events can be read as they were stored: not where the system dropped what was never synced.
    var isReadable: Bool { !disk.isStopped && (settings.isSynced || !isCacheDoubtful) }
}
