// Prints what a query finds in a log, straight from the engine's borrowed bytes to the output's buffer.

import Recall
import RecallLog

/// Prints events on standard output.
struct EventPrinter: ~Copyable {
    private var output = OutputWriter()
    private let progress: ProgressBar
    /// How many events are counted before the progress bar hears of them.
    private let progressStep: UInt64 = 4096
    private var count: UInt64 = 0

    init(progress: ProgressBar) { self.progress = progress }

    /// Prints the events that are selected, all of them when it returns.
    /// - Throws: `OutputClosed` when nobody reads any more, or why reading ended; what was read before
    ///   is printed then.
    static func print(_ selection: ReplaySelection, of log: Log, progress: ProgressBar) throws {
        defer { progress.finish() }
        var printer = EventPrinter(progress: progress)
        if selection.query.direction == .forwards, selection.query.scope == .all {
            try printer.replay(selection.query, of: log)
        } else {
            var selection = selection
            var next: EventQuery? = selection.query
            while let query = next, !selection.isDone {
                let page = try log.readBlocking(query)
                try printer.print(selection.select(page.events))
                next = page.next
            }
        }
    }

    private mutating func replay(_ query: EventQuery, of log: Log) throws {
        var outputError: (any Error)?
        var readError: StoreError?
        do throws(StoreError) {
            try log.replayBlocking(query) { (fields, bytes) throws(StoreError) in
                let lineStart = output.buffer.count
                do {
                    try EventLineEncoder.append(fields, bytes, to: &output.buffer)
                    try output.flushIfFull()
                } catch let error as FormatError {
                    // What was written of the line before it broke off is no line.
                    output.buffer.removeLast(output.buffer.count - lineStart)
                    throw StoreError(
                        .damaged,
                        "The event at position \(fields.position) cannot be printed, because \(error); verify the store.",
                        damagedPositions: fields.position ... fields.position)
                } catch {
                    outputError = error
                    return false
                }
                count += 1
                if count % progressStep == 0 { progress.update(count) }
                return true
            }
        } catch {
            readError = error
        }
        if let outputError { throw outputError }
        try output.flush()
        if let readError { throw readError }
    }

    /// Prints the events of a page, all of them when it returns.
    /// - Throws: `OutputClosed` when nobody reads any more.
    mutating func print(_ events: [RecordedEvent]) throws {
        count += UInt64(events.count)
        progress.update(count)
        for event in events {
            EventLineEncoder.append(event, to: &output.buffer)
            try output.flushIfFull()
        }
        try output.flush()
    }
}
