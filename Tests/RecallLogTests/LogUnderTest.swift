// The logs that are held against the suite that every event store has to pass: on the file system and on the
// simulated disk, in one large segment and in many small ones, with each durability.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import RecallThreads

/// A way to open a log.
enum LogUnderTest: String, CaseIterable, Sendable {
    case fileSystem, fileSystemWithoutWaiting, fileSystemWithInterval
    case simulatedDisk, simulatedDiskForLargeCommits, smallSegments
    case singleFile, simulatedSingleFile

    var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        // Large enough for the largest commit of the suite, small enough to be made in each case.
        configuration.segmentBytesMax = 40 << 20
        switch self {
        case .fileSystem, .simulatedDiskForLargeCommits, .singleFile: break
        case .simulatedDisk, .simulatedSingleFile: configuration.segmentBytesMax = 1 << 20
        case .fileSystemWithoutWaiting: configuration.durability = .system
        case .fileSystemWithInterval: configuration.durability = .interval(.milliseconds(2))
        case .smallSegments: configuration.segmentBytesMax = 64 << 10
        }
        return configuration
    }

    /// An empty log, which can be closed and opened again.
    func subject() -> EventStoreConformance.Subject {
        ConformanceSubject {
            switch self {
            case .simulatedDisk, .simulatedDiskForLargeCommits, .smallSegments:
                let disk = SimulatedDisk()
                return try await instance(at: "/store", on: disk) {}
            case .simulatedSingleFile:
                return try await instance(at: "/store.recall", on: SimulatedDisk()) {}
            default:
                let directory = FileManager.default.temporaryDirectory
                    .appending(
                        path: "recall-\(UUID().uuidString)" + (self == .singleFile ? ".recall" : ""))
                return try await instance(at: directory.path, on: POSIXDisk()) {
                    try FileManager.default.removeItem(at: directory)
                }
            }
        }
    }

    private func instance(
        at path: String, on disk: any Disk, remove: @escaping @Sendable () throws -> Void
    ) async throws -> ConformanceInstance<any EventStore> {
        let log = try await BlockingCall.run { [configuration] in
            try Log.openBlocking(at: path, configuration: configuration, disk: disk)
        }
        return ConformanceInstance(
            store: log.events,
            reopen: {
                try await log.close()
                return try await instance(at: path, on: disk, remove: remove)
            },
            dispose: {
                try await log.close()
                try remove()
            })
    }
}

/// Calls that wait for a disk, kept off the threads that run tasks.
enum BlockingCall {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
    {
        try await BlockingPool(threadCount: 1).run(body)
    }
}

extension EventStoreConformance.Case {
    /// Whether it appends more than a small segment holds.
    var holdsLargeCommits: Bool {
        ["MiB", "5 MB", "limit", "large", "all values of two bytes", "1,000 events"].contains {
            name.contains($0)
        }
            && !name.contains("a limit of 0")
    }
}
