// The values of --durability. Their names are part of the contract; what each promises is the engine's.

import ArgumentParser
import RecallLog

/// The names of the durabilities.
enum DurabilityOption: String, ExpressibleByArgument, CaseIterable {
    case commit, interval, system

    /// How long `interval` leaves events unsynced at most.
    static let syncInterval: Duration = .milliseconds(100)

    var durability: Durability {
        switch self {
        case .commit: .commit
        case .interval: .interval(Self.syncInterval)
        case .system: .system
        }
    }
}
