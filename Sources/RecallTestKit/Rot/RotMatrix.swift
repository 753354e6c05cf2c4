// The rot matrix: every bit of every file of a small store is flipped, alone, and each time everything is looked at. The quick form
// takes some of the bits, so that every test run has it; the complete form is a step of scripts/crash-lab.

internal import Recall
internal import RecallLog

/// Which flips are tried, and how much is looked at.
package struct RotSettings: Sendable {
    /// How many of the bits of a byte that is in use are flipped, chosen by the seed.
    package var bitCount = 8
    /// One of so many bytes of what is in use.
    package var usedStride = 1
    /// One of so many bytes of indexes.
    package var indexStride = 1
    /// One of so many bytes that are in no use: the rest of segments, the lock.
    package var unusedStride = 1
    /// Of the flips, one in so many is salvaged and written to; of those in indexes and snapshots one in 64 times as many, of
    /// those in what is in no use one in 256 times.
    package var heavyStride = 1
    package var seed: UInt64 = 1

    /// Everything.
    package static let complete = RotSettings()

    package init() {}
}

/// What a run of the matrix looked at.
package struct RotStatistics: Sendable {
    /// Flips by what was hit.
    package var flipCounts: [RotRegion: Int] = [:]
    package var salvageCount = 0
    package var writerCount = 0

    package init() {}

    package var flipCount: Int { flipCounts.values.reduce(0, +) }

    package static func += (left: inout RotStatistics, right: RotStatistics) {
        left.flipCounts.merge(right.flipCounts, uniquingKeysWith: +)
        left.salvageCount += right.salvageCount
        left.writerCount += right.writerCount
    }
}

/// A flip that had another consequence than it must.
package struct RotViolation: Error, CustomStringConvertible, Sendable {
    package var kind: RotStoreKind
    package var path: String
    package var offset: Int
    package var bit: Int
    package var region: RotRegion
    package var message: String

    package var description: String {
        "\(kind.rawValue) store, \(path), offset \(offset), bit \(bit) (\(region.rawValue)): \(message)"
    }
}

/// The flips of one store.
package struct RotMatrix: Sendable {
    package let kind: RotStoreKind
    private let store: RotStore
    private let settings: RotSettings

    /// - Throws: what kept the store from being made.
    package init(_ kind: RotStoreKind, _ settings: RotSettings) throws {
        self.kind = kind
        self.settings = settings
        store = try RotStore(kind)
        let check = RotCheck(store: store)
        let whole = RotExpectation(region: .unused, endPosition: store.endPosition)
        try check.checkReading(whole)
        try check.checkVerifying(whole)
        try check.checkSalvaging(whole)
        try check.checkWriting(whole)
    }

    /// How many bytes the files of the store have together.
    package var byteCount: Int {
        store.disk.paths(below: RotStore.path).reduce(0) { $0 + store.disk.contents(of: $1).count }
    }

    /// Tries the flips of one part of the bytes.
    /// - Parameters:
    ///   - part: from 0, of `partCount`, which together are all: each byte belongs to one.
    ///   - progress: is told of the bytes that were tried; returns false to stop.
    package func run(
        part: Int = 0, of partCount: Int = 1, progress: (Int) -> Bool = { _ in true }
    ) throws(RotViolation) -> RotStatistics {
        let store = store.copy()
        let check = RotCheck(store: store)
        var statistics = RotStatistics()
        var random = SeededGenerator(seed: settings.seed)
        var number = 0
        for path in store.disk.paths(below: RotStore.path) {
            for offset in 0 ..< store.disk.contents(of: path).count {
                let choice = random.next()
                guard offset % partCount == part else { continue }
                let expected = store.expectation(at: RotPlace(path: path, offset: offset))
                let stride = stride(expected.region)
                // Which of the neighbours is taken changes from place to place.
                guard offset / partCount % stride == Int(choice >> 32) % stride else { continue }
                for step in 0 ..< min(settings.bitCount, 8) {
                    let bit = (Int(choice & 7) + step) % 8
                    number += 1
                    store.disk.flip(path, at: offset, bit: bit)
                    defer { store.disk.flip(path, at: offset, bit: bit) }
                    do throws(ConformanceFailure) {
                        try look(check, expected, number, &statistics)
                    } catch {
                        throw RotViolation(
                            kind: kind, path: path, offset: offset, bit: bit, region: expected.region,
                            message: error.message)
                    }
                    statistics.flipCounts[expected.region, default: 0] += 1
                }
                guard progress(1) else { return statistics }
            }
        }
        return statistics
    }

    private func stride(_ region: RotRegion) -> Int {
        switch region {
        case .unused, .lock: max(settings.unusedStride, 1)
        case .index: max(settings.indexStride, 1)
        default: max(settings.usedStride, 1)
        }
    }

    private func look(
        _ check: RotCheck, _ expected: RotExpectation, _ number: Int, _ statistics: inout RotStatistics
    ) throws(ConformanceFailure) {
        switch expected.region {
        case .snapshot:
            try check.checkSnapshots()
            guard number % (settings.heavyStride * 64) == 0 else { return }
            try check.checkVerifying(expected)
            return
        case .unused, .lock, .index:
            try check.checkVerifying(expected)
            // What is in no use comes to no reader, so that one bit of eight, of each byte in turn, is read with.
            if expected.region == .index || number % 8 == 0 { try check.checkReading(expected) }
            let share = expected.region == .index ? 64 : 256
            guard number % (settings.heavyStride * share) == 0 else { return }
        default:
            try check.checkVerifying(expected)
            try check.checkReading(expected)
            guard number % settings.heavyStride == 0 else { return }
        }
        try check.checkSalvaging(expected)
        statistics.salvageCount += 1
        try check.checkWriting(expected)
        statistics.writerCount += 1
    }
}
