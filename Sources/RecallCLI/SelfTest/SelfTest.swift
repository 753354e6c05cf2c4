// Which promises the self-test tries, in which order, and what came out.

import RecallLog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A run of the self-test in a directory of its own.
struct SelfTest {
    /// Where stores are made: a new directory on the file system under test.
    let directory: String
    let seed: UInt64
    let checks: [any SelfTestCheck]

    /// What came out for one promise.
    struct Verdict: Hashable, Sendable {
        var promise: String
        /// What was done, in figures; empty where the promise was broken.
        var detail: String
        /// How it was broken; nil where it held.
        var failure: String?
    }

    /// How stores are opened: with segments so small that a short run begins several, unless it is about a file that
    /// must not grow.
    static func configuration(for fileBytesMax: Int? = nil) -> LogConfiguration {
        var configuration = LogConfiguration()
        if fileBytesMax == nil { configuration.segmentBytesMax = 64 << 10 }
        configuration.readerThreadCount = 1
        configuration.replayThreadCount = 1
        return configuration
    }

    /// All promises that can be tried without pulling the plug.
    static func checks(roundCount: Int) -> [any SelfTestCheck] {
        [
            KilledWriterCheck(roundCount: roundCount), OneWriterCheck(), ReaderBesideWriterCheck(),
            FailedCallCheck(
                promise: "After a failed sync nothing more is accepted, and nothing acknowledged is lost",
                calls: [.sync, .syncDirectory], number: FailedCallCheck.inputOutputError),
            FailedCallCheck(
                promise: "A full disk refuses the commit, and nothing acknowledged is lost",
                calls: [.write, .preallocate, .create, .rename], number: FailedCallCheck.noSpaceLeft),
            LimitedFileCheck(), TornEndCheck(), FlippedBitCheck(),
        ]
    }

    /// Tries each promise.
    /// - Parameter report: is told each verdict when it is there.
    /// - Returns: all verdicts, in order.
    /// - Throws: `CommandFailure` where no directory could be made for a check.
    func run(_ report: (Verdict) throws -> Void) throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for (index, check) in checks.enumerated() {
            let place = "\(directory)/\(index + 1)"
            do {
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            } catch {
                throw CommandFailure(
                    .unavailable, "A directory could not be made at \(place): \(error); check the disk.")
            }
            // Each check has its own chance, so that one more draw in one changes no other.
            var random = SplitMix64(seed: seed &+ UInt64(index))
            var verdict = Verdict(promise: check.promise, detail: "", failure: nil)
            do {
                verdict.detail = try check.run(in: place, &random)
            } catch {
                verdict.failure = (error as? any CustomStringConvertible)?.description ?? "\(error)"
            }
            verdicts.append(verdict)
            try report(verdict)
        }
        return verdicts
    }
}
