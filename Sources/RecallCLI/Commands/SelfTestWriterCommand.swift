// `recall selftest-writer`: the process that `recall selftest` starts and kills. Not for users: the help does not list it.

import ArgumentParser
import Dispatch
import Recall
import RecallLog
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct SelfTestWriterCommand: ParsableCommand {
    /// What `SelfTestWriter` starts.
    static let name = "selftest-writer"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Append what 'recall selftest' expects, until killed.",
        shouldDisplay: false)

    @Argument(help: "The directory of the store.")
    var store: String

    @Option(help: "Which story is told.")
    var seed: UInt64

    @Option(help: "Which life of the store this is.")
    var round: Int

    @Option(help: "How many threads append.")
    var writers: Int

    @Option(help: "What the system is asked to let a file grow to, in bytes.")
    var fileBytesMax: Int?

    func run() throws {
        guard (1 ... 64).contains(writers), (0 ... 0xFFFF).contains(round) else {
            throw CommandFailure(.badInput, "This is a part of 'recall selftest'; run that instead.")
        }
        if let fileBytesMax { try Self.limitFiles(to: fileBytesMax) }
        let log = try Log.openBlocking(at: store, configuration: SelfTest.configuration(for: fileBytesMax))
        let story = SelfTestStory(seed: seed)
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: writers) { writer in
            do {
                try Self.write(story, round: round, writer: writer, to: log)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private static func write(
        _ story: SelfTestStory, round: Int, writer: Int, to log: Log
    ) throws {
        for number in 0 ..< Int(Int32.max) {
            let place = SelfTestStory.Place(round: round, writer: writer, number: number)
            let receipt = try log.appendBlocking(story.commit(at: place))
            let said = SelfTestWriter.Acknowledgement(place: place, position: receipt.firstPosition.rawValue)
            // One write for each line, so that those of several threads do not mix.
            var output = OutputWriter()
            output.append(said.line + "\n")
            try output.flush()
        }
    }

    /// Asks the system to refuse what makes a file larger. The signal for it is ignored, so that the call fails.
    private static func limitFiles(to count: Int) throws {
        var limit = rlimit(rlim_cur: rlim_t(clamping: count), rlim_max: rlim_t(clamping: count))
        #if canImport(Glibc)
        let result = setrlimit(__rlimit_resource_t(1), &limit)
        #else
        let result = setrlimit(RLIMIT_FSIZE, &limit)
        #endif
        guard result == 0 else {
            throw CommandFailure.system("The size of files could not be limited", errno, next: "try again")
        }
    }
}
