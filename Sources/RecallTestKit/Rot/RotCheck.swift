// Looks at a store with one flipped bit in every way there is, and holds what comes back against what must. Where the answer is not
// exactly that, it is a violation: an event that nobody stored, a gap in silence, or damage that is not named.

internal import Recall
internal import RecallLog

/// Checks one flip after the other on a store of its own.
struct RotCheck {
    let store: RotStore

    static let salvagePath = "/salvaged"

    /// What a log showed before it stopped.
    private struct Shown {
        var events: [RecordedEvent] = []
        var error: StoreError?
    }

    /// Reads the store in order, in both directions, and by aggregate.
    func checkReading(_ expected: RotExpectation) throws(ConformanceFailure) {
        let log = try open(.readOnly)
        try checkOrder(log, expected)
        try checkBackwards(log, expected)
        try checkAggregates(log, expected)
        try attempt("close the log") { () throws(StoreError) in try log.closeBlocking() }
    }

    private func open(_ access: LogAccess) throws(ConformanceFailure) -> Log {
        try attempt("open the store") { () throws(StoreError) in
            try Log.openBlocking(
                at: RotStore.path, access: access, configuration: RotStore.configuration, disk: store.disk)
        }
    }

    private func show(_ log: Log, _ query: EventQuery) -> Shown {
        var shown = Shown()
        do throws(StoreError) {
            try log.replayBlocking(query) { (fields, bytes) throws(StoreError) in
                do throws(FormatError) { shown.events.append(try fields.recordedEvent(bytes)) } catch {
                    throw StoreError(.unavailable, "An event was shown that cannot be copied: \(error)")
                }
                return true
            }
        } catch {
            shown.error = error
        }
        return shown
    }

    /// What is whole in front of the loss is shown, then the loss is reported, and the rest can be read.
    private func checkOrder(_ log: Log, _ expected: RotExpectation) throws(ConformanceFailure) {
        let end = Int(expected.endPosition)
        guard let lost = expected.lost else {
            return try require(
                show(log, EventQuery()), Array(store.events.prefix(end)), damaged: nil, "A replay")
        }
        let (first, last) = (Int(lost.lowerBound), Int(lost.upperBound))
        try require(
            show(log, EventQuery()), Array(store.events.prefix(first - 1)), damaged: lost, "A replay")
        let rest = EventQuery(positions: Position(UInt64(last) + 1) ... .last)
        try require(show(log, rest), Array(store.events[last...]), damaged: nil, "A replay of the rest")
    }

    private func checkBackwards(_ log: Log, _ expected: RotExpectation) throws(ConformanceFailure) {
        let last = Int(expected.lost?.upperBound ?? 0)
        let shown = show(log, EventQuery(direction: .backwards))
        let whole = Array(store.events[last ..< Int(expected.endPosition)].reversed())
        // Read in pieces, so that a piece with the loss in it is not shown at all.
        guard expected.lost != nil else {
            return try require(shown, whole, damaged: nil, "A replay backwards")
        }
        guard shown.events == Array(whole.prefix(shown.events.count)), shown.error?.code == .damaged else {
            throw ConformanceFailure(
                "A replay backwards showed \(positions(shown.events)) and ended with \(describe(shown.error))."
            )
        }
    }

    private func require(
        _ shown: Shown, _ events: [RecordedEvent], damaged: ClosedRange<UInt64>?, _ what: String
    ) throws(ConformanceFailure) {
        guard shown.events == events else {
            throw ConformanceFailure(
                "\(what) showed \(positions(shown.events)) where \(positions(events)) were expected, and ended with \(describe(shown.error))."
            )
        }
        let stated = shown.error?.damagedPositions.map { $0.lowerBound.rawValue ... $0.upperBound.rawValue }
        guard shown.error.map({ $0.code == .damaged }) ?? true, (shown.error == nil) == (damaged == nil),
            stated == damaged
        else {
            throw ConformanceFailure(
                "\(what) ended with \(describe(shown.error)) where the loss of \(damaged.map { "\($0)" } ?? "nothing") was expected."
            )
        }
    }

    /// An aggregate is read as it is, or not at all.
    private func checkAggregates(_ log: Log, _ expected: RotExpectation) throws(ConformanceFailure) {
        let present = store.events.prefix(Int(expected.endPosition))
        for number in Array(0 ..< RotEvents.aggregateCount) + [10, 11] {
            let id = RotEvents.aggregate(number)
            let stream = present.filter { $0.aggregateID == id }
            try checkAggregate(show(log, EventQuery(.aggregate(id))), Array(stream), id, expected)
            let graph = present.filter { $0.rootID == id }
            try checkAggregate(show(log, EventQuery(.graph(id))), Array(graph), id, expected)
        }
    }

    private func checkAggregate(
        _ shown: Shown, _ events: [RecordedEvent], _ id: AggregateID, _ expected: RotExpectation
    ) throws(ConformanceFailure) {
        if let error = shown.error {
            guard error.code == .damaged, expected.lost != nil else {
                throw ConformanceFailure("Reading \(id) ended with \(describe(error)).")
            }
            guard shown.events == Array(events.prefix(shown.events.count)) else {
                throw ConformanceFailure("Reading \(id) showed \(positions(shown.events)) before it ended.")
            }
        } else if shown.events != events {
            throw ConformanceFailure(
                "Reading \(id) showed \(positions(shown.events)) where \(positions(events)) were expected.")
        }
    }

    // MARK: Verifying

    /// Verifying names the place, the positions that are lost, and nothing else.
    func checkVerifying(_ expected: RotExpectation) throws(ConformanceFailure) {
        let report = try attempt("verify the store") { () throws(StoreError) in
            try Log.verify(at: RotStore.path, disk: store.disk)
        }
        let found = report.findings
        guard found.count == (expected.finding == nil ? 0 : 1) else {
            throw ConformanceFailure(
                "Verifying found \(found.map(\.reason)) where \(expected.finding == nil ? "nothing" : "one thing") was expected."
            )
        }
        let behind = expected.behindEnd
        guard report.behindEnd?.commitCount == behind?.commitCount,
            report.behindEnd?.eventCount == behind?.positions.count
        else {
            throw ConformanceFailure(
                "Verifying found \(report.behindEnd.map { "\($0)" } ?? "nothing") behind the end where \(expected) was expected."
            )
        }
        guard let wanted = expected.finding, let finding = found.first else { return }
        let positions = finding.positions.map { $0.lowerBound.rawValue ... $0.upperBound.rawValue }
        guard finding.kind == wanted.kind, finding.subject == wanted.subject,
            finding.segment == wanted.segment, finding.offset == wanted.offset, positions == expected.lost
        else { throw ConformanceFailure("Verifying found \(finding) where \(expected) was expected.") }
    }

    // MARK: Salvaging

    /// A salvage copies all but what is lost, lists that, and leaves the store alone.
    func checkSalvaging(_ expected: RotExpectation) throws(ConformanceFailure) {
        let disk = store.disk
        let before = disk.mutationCount(below: RotStore.path)
        defer { disk.remove(Self.salvagePath) }
        let report = try attempt("salvage the store") { () throws(StoreError) in
            try Log.salvage(
                from: RotStore.path, to: Self.salvagePath, disk: disk, configuration: RotStore.configuration)
        }
        guard disk.mutationCount(below: RotStore.path) == before else {
            throw ConformanceFailure("A salvage has written to the old store.")
        }
        let lost = report.losses.map { loss in
            (loss.firstPosition?.rawValue ?? 0) ... (loss.lastPosition?.rawValue ?? .max)
        }
        guard lost == ((expected.lost ?? expected.behindEnd?.broken).map { [$0] } ?? []),
            expected.lost == nil || report.losses.first?.offset == expected.finding?.offset,
            expected.lost == nil || report.losses.first?.segment == expected.finding?.segment
        else {
            throw ConformanceFailure("A salvage has listed \(report.losses) where \(expected) was expected.")
        }
        // The torn end of a crashed store is always noted.
        guard expected.isNoted || store.kind == .crashed || report.notes.isEmpty else {
            throw ConformanceFailure("A salvage has noted \(report.notes).")
        }
        let copied = try salvaged()
        let kept = store.events.filter { event in
            let position = event.position.rawValue
            if expected.behindEnd?.positions.contains(position) == true { return true }
            return position <= expected.endPosition && expected.lost?.contains(position) != true
        }
        var isSame = copied.count == kept.count
        for (copy, event) in zip(copied, kept) where isSame {
            var copy = copy
            copy.position = event.position
            copy.version = event.version
            isSame = copy == event
        }
        guard isSame else {
            throw ConformanceFailure(
                "A salvage has copied \(copied.count) events of \(kept.count), or others.")
        }
    }

    private func salvaged() throws(ConformanceFailure) -> [RecordedEvent] {
        let log = try attempt("open what was salvaged") { () throws(StoreError) in
            try Log.openBlocking(
                at: Self.salvagePath, access: .readOnly, configuration: RotStore.configuration,
                disk: store.disk)
        }
        let shown = show(log, EventQuery())
        if let error = shown.error { throw ConformanceFailure("What was salvaged is \(describe(error)).") }
        return shown.events
    }

    // MARK: Words

    func positions(_ events: [RecordedEvent]) -> String {
        guard let first = events.first, let last = events.last else { return "no event" }
        return "\(events.count) events, positions \(first.position) to \(last.position)"
    }

    func describe(_ error: StoreError?) -> String { error.map { "\($0)" } ?? "no error" }

    func attempt<Result>(
        _ what: String, _ body: () throws(StoreError) -> Result
    ) throws(ConformanceFailure) -> Result {
        do throws(StoreError) { return try body() } catch {
            throw ConformanceFailure("Could not \(what): \(error)")
        }
    }
}
