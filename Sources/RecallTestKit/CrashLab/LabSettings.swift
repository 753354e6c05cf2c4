// What a store of the crash lab is like: drawn from the seed once, and printed when something is wrong.

internal import Recall
internal import RecallLog
internal import Synchronization

/// The choices for one seed's store.
struct LabSettings: CustomStringConvertible {
    var durability = Durability.commit
    var segmentBytesMax = 64 << 10
    var writeAheadBytes = 0
    var isCompressing = true
    var isRewriting = false
    var checkpointFrameCountMin = 8
    var staleBytes = StaleBytes.none
    /// Whether the store is one file.
    var isSingleFile = false

    /// What preallocated space holds.
    enum StaleBytes: String, CaseIterable {
        case none
        case noise
        /// The frames of an earlier store, at the very offsets where new ones go.
        case frames
    }

    /// - Parameter layout: decides of the layout alone, so that a life is otherwise the same in both.
    init(using generator: inout SeededGenerator, layout: UInt64) {
        var dice = SeededGenerator(seed: layout)
        isSingleFile = Bool.random(using: &dice)
        switch Int.random(in: 0 ..< 10, using: &generator) {
        case 0: durability = .system
        case 1: durability = .interval(.seconds(3600))
        default: break
        }
        segmentBytesMax = [64 << 10, 64 << 10, 96 << 10, 256 << 10].randomElement(using: &generator) ?? 0
        writeAheadBytes = [0, 0, 4096, 64 << 10].randomElement(using: &generator) ?? 0
        isCompressing = Int.random(in: 0 ..< 4, using: &generator) > 0
        isRewriting = Bool.random(using: &generator)
        checkpointFrameCountMin = [0, 4, 32, 4096].randomElement(using: &generator) ?? 0
        if Int.random(in: 0 ..< 3, using: &generator) == 0 {
            staleBytes = Bool.random(using: &generator) ? .frames : .noise
        }
    }

    var path: String { isSingleFile ? "/store.recall" : "/store" }

    var isSynced: Bool { durability == .commit }

    /// The segments of a store grow from the smallest that there are.
    static let firstSegmentBytes = 64 << 10
    static let limits: StoreLimits = {
        var limits = StoreLimits()
        limits.eventsPerCommitCountMax = 250
        limits.payloadBytesMax = 48 << 10
        return limits
    }()

    func configuration(
        _ clock: LabClock, _ random: LabRandomBits, _ sabotages: Sabotages
    ) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.durability = durability
        configuration.segmentBytesMax = segmentBytesMax
        configuration.firstSegmentBytes = LabSettings.firstSegmentBytes
        configuration.writeAheadBytes = writeAheadBytes
        configuration.isCompressing = isCompressing
        configuration.isRewriting = isRewriting
        configuration.rewriteGainMin = -100
        configuration.checkpointFrameCountMin = checkpointFrameCountMin
        configuration.snapshotSettings.fileBytesMax = 2 << 10
        configuration.snapshotSettings.deadBytesMin = 512
        configuration.limits = LabSettings.limits
        configuration.replayThreadCount = 1
        configuration.hasOwnThreads = false
        // At each look: no clock decides which calls are made.
        configuration.followingProofInterval = .zero
        configuration.sabotages = sabotages
        configuration.snapshotSettings.sabotages = sabotages
        configuration.clock = WallClock { clock.now }
        configuration.randomBits = { random.next() }
        return configuration
    }

    var description: String {
        "\(isSingleFile ? "one file" : "a directory"), durability \(durability), segments of \(segmentBytesMax) bytes, zeros ahead by \(writeAheadBytes), \(isCompressing ? "compressed" : "not compressed"), \(isRewriting ? "rewritten" : "not rewritten"), the tail's index kept beyond \(checkpointFrameCountMin) frames, stale bytes: \(staleBytes)"
    }
}

/// What is random for the store itself: salts and ids.
final class LabRandomBits: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func next() -> UInt64 { generator.withLock { $0.next() } }
}
