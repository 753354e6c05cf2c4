// How long a sync takes here: one that takes no time at all is one that does nothing.

import RecallLog

/// Measures `DiskFile.sync`.
enum SyncProbe {
    private static let sampleCount = 51

    /// The median of some syncs, each after a write over bytes that are there.
    /// - Throws: what the disk reports.
    static func medianSeconds(in directory: String) throws -> Double {
        let file = try POSIXDisk().open(directory + "/sync-probe", .createNew)
        let block = ContiguousArray<UInt8>(repeating: 0x5A, count: 4096)
        try file.write(block.span.bytes, at: 0)
        try file.sync()
        var samples: [Double] = []
        for _ in 0 ..< sampleCount {
            try file.write(block.span.bytes, at: 0)
            let start = ContinuousClock.now
            try file.sync()
            samples.append(start.duration(to: .now) / .seconds(1))
        }
        return samples.sorted()[sampleCount / 2]
    }
}
