// One promise, and the experiment that could break it.

import Recall
import RecallLog

/// An experiment of the self-test.
protocol SelfTestCheck: Sendable {
    /// The promise, as a sentence without its full stop.
    var promise: String { get }

    /// How it opens its stores.
    var configuration: LogConfiguration { get }

    /// Tries to break the promise.
    /// - Parameters:
    ///   - directory: an empty directory for stores and other files, on the file system under test.
    ///   - random: where chance comes from, so that a seed repeats a run as far as the system allows.
    /// - Returns: what was done, in figures.
    /// - Throws: `SelfTestFailure` where the promise was broken; whatever kept it from being tried.
    func run(in directory: String, _ random: inout SplitMix64) throws -> String
}

extension SelfTestCheck {
    /// As the self-test does everywhere. Tests of a check give it a log with a bug, to see that it finds one.
    var configuration: LogConfiguration { SelfTest.configuration() }

    /// Opens a store for appending.
    func open(_ store: String, on disk: any Disk = POSIXDisk()) throws(StoreError) -> Log {
        try Log.openBlocking(at: store, configuration: configuration, disk: disk)
    }

    /// Checks that verifying finds nothing.
    func verify(_ store: String, _ when: String) throws {
        if let finding = try Log.verify(at: store).findings.first {
            throw SelfTestFailure("verifying \(when) found: \(finding.reason)")
        }
    }
}
