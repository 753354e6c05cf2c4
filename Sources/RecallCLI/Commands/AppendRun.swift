// The loop of `recall append`: line, event, commit, acknowledgement, in that order and one commit at a
// time, so that the acknowledgements come in the order of the lines and nothing stands behind a bad one.

import Recall
import RecallLog

/// One run over standard input.
struct AppendRun: ~Copyable {
    private let log: Log
    private let eventsPerCommit: Int
    private let acknowledges: Bool
    private let decoder = EventLineDecoder()
    private var reader: LineReader
    private var output = OutputWriter()
    private let progress: ProgressBar
    private var builder = CommitBuilder()
    private var lineNumber = 0
    /// The line that the commit in the making begins with.
    private var firstLineNumber = 0
    /// How many events are stored.
    private(set) var storedCount: UInt64 = 0

    init(log: Log, eventsPerCommit: Int, acknowledges: Bool, limits: StoreLimits, stop: StopRequest) {
        self.log = log
        self.eventsPerCommit = eventsPerCommit
        self.acknowledges = acknowledges
        progress = ProgressBar(
            "Appending", unit: "events",
            isShown: Message.isTerminal && !LineReader.isTerminal
                && !(acknowledges && OutputWriter.isTerminal))
        // The longest payload as Base64, with all that may stand beside it, is shorter than this.
        reader = LineReader(lineBytesMax: limits.commitBytesMax, stop: stop)
    }

    /// Appends until the input ends, a stop is requested, or something is wrong.
    mutating func run() throws {
        defer { progress.finish() }
        while let line = try nextLine() {
            if builder.isEmpty { firstLineNumber = lineNumber }
            do throws(EventLineFailure) {
                try builder.add(line, lineNumber: lineNumber)
            } catch {
                throw badLine(error.problem)
            }
            if builder.eventCount >= eventsPerCommit { try commit() }
        }
        if !builder.isEmpty { try commit() }
    }

    /// The next line that is not empty; nil at the end.
    private mutating func nextLine() throws -> EventLine? {
        while true {
            lineNumber += 1
            let decoder = decoder
            do {
                let line = try reader.next { line throws -> EventLine? in
                    var scanner = JSONScanner()
                    guard scanner.peek(line) != nil else { return nil }
                    return try decoder.decode(line)
                }
                guard let line else { return nil }
                if let line { return line }
            } catch let failure as EventLineFailure {
                throw badLine(failure.problem)
            } catch let failure as LineReader.LineTooLong {
                throw badLine("the line is too long, expected at most \(failure.lineBytesMax) bytes")
            }
        }
    }

    private mutating func commit() throws {
        let commit = builder.take()
        guard let last = commit.events.last else { return }
        let receipt: CommitReceipt
        do throws(StoreError) {
            receipt = try log.appendBlocking(commit)
        } catch {
            throw refused(error)
        }
        storedCount += UInt64(commit.events.count)
        progress.update(storedCount)
        guard acknowledges else { return }
        output.append("{\"position\":")
        JSONText.append(receipt.lastPosition.rawValue, to: &output.buffer)
        output.append(",\"count\":")
        JSONText.append(UInt64(commit.events.count), to: &output.buffer)
        output.append(",\"aggregate\":\"")
        UUIDText.append(last.aggregateID.uuid, to: &output.buffer)
        output.append("\",\"version\":")
        JSONText.append(
            (receipt.version(of: last.aggregateID) ?? .beforeFirst).rawValue, to: &output.buffer)
        output.append("}\n")
        try output.flush()
    }

    /// What is wrong with the present line, and from where on nothing was stored.
    private borrowing func badLine(_ problem: String) -> CommandFailure {
        let from = builder.isEmpty ? lineNumber : firstLineNumber
        let start = from == lineNumber ? "there" : "line \(from), where its commit begins"
        return CommandFailure(
            .badInput, "line \(lineNumber): \(problem); fix the line and append again from \(start).")
    }

    /// Why the store did not take the present commit, with the lines it came from.
    private borrowing func refused(_ error: StoreError) -> CommandFailure {
        let lines =
            firstLineNumber == lineNumber ? "line \(lineNumber)" : "lines \(firstLineNumber) to \(lineNumber)"
        return CommandFailure(ExitStatus(error.code), "\(lines): \(error.message)")
    }
}
