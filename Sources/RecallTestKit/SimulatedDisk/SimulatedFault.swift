// Faults that a test plans for a simulated disk. Each strikes once, at the n-th call it fits, and is
// gone: a disk that fails for good is stopped instead.

/// A planned failure of one call.
package struct SimulatedFault: Hashable, Sendable {
    package enum Effect: Hashable, Sendable {
        /// The call fails and does nothing. Unsynced data stays in the cache, to be written later.
        case fail
        /// A write or a read fails after so many bytes.
        case failAfter(byteCount: Int)
        /// A write or a read transfers so many bytes, at least one, and reports that: no failure at all, but whoever
        /// takes it for the whole has lost the rest.
        case short(byteCount: Int)
        /// A sync fails and the cache takes the unsynced sectors for written: they can still be read,
        /// are never written again, and are gone after a crash. This is what Linux does.
        case failForgettingDirtyData
        /// A sync fails and the cache drops the unsynced sectors: reading gives what is on the disk.
        case failRevertingDirtyData
        /// A sync of a file or a directory reports success and makes nothing durable.
        case lie

        /// Whether the effect is more than a failure for a call of this kind; else the call fails.
        func isCarriedOut(by kind: SimulatedOperation.Kind) -> Bool {
            switch self {
            case .fail: false
            case .failAfter, .short: kind == .read || kind == .write
            case .failForgettingDirtyData, .failRevertingDirtyData: kind == .sync
            case .lie: kind == .sync || kind == .syncDirectory
            }
        }
    }

    /// Which calls fit; nil for all.
    package var kind: SimulatedOperation.Kind?
    /// Strikes at the n-th call that fits, counted from 1 from the moment the fault is planned.
    package var occurrence: Int
    /// Only calls on paths that contain this text fit; empty for all.
    package var pathPart: String
    /// The errno of the failed call.
    package var number: Int32
    package var effect: Effect

    package init(
        _ kind: SimulatedOperation.Kind? = nil, occurrence: Int = 1, pathPart: String = "", number: Int32,
        effect: Effect = .fail
    ) {
        self.kind = kind
        self.occurrence = occurrence
        self.pathPart = pathPart
        self.number = number
        self.effect = effect
    }
}

/// The faults that are planned.
struct SimulatedFaultPlan: Sendable {
    private var faults: [SimulatedFault] = []

    mutating func add(_ fault: SimulatedFault) { faults.append(fault) }

    var count: Int { faults.count }

    mutating func removeAll() { faults.removeAll() }

    /// Counts a call, and takes out the fault that strikes it.
    mutating func strike(_ kind: SimulatedOperation.Kind, path: String) -> SimulatedFault? {
        var struck: SimulatedFault?
        for index in faults.indices where faults[index].kind == nil || faults[index].kind == kind {
            guard faults[index].pathPart.isEmpty || path.contains(faults[index].pathPart) else { continue }
            faults[index].occurrence -= 1
            if faults[index].occurrence == 0, struck == nil { struck = faults[index] }
        }
        faults.removeAll { $0.occurrence <= 0 }
        return struck
    }
}
