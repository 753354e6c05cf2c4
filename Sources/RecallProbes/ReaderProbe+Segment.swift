// The probe of a whole store on a disk: headers, dictionaries, frames, the tail and its recovery, reading, verifying, and
// going on. An input is a list of edits, so that a mutation of it is damage and not noise.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog
internal import RecallTestKit

extension ReaderProbe {
    /// Opens, reads, verifies and goes on in a store whose files were edited.
    ///
    /// Checked: whatever the files hold is opened or refused with an error; pages, backwards and a replay show the same, or
    /// all report damage; what cannot be read, verifying reports. Where no checksum was made to hold: no event is shown
    /// that was not stored, nothing is left out without being named, and a log that can be opened for writing goes on.
    /// - Parameter input: a control byte (bit 0: frames are made to hold, bit 1: headers are, bit 2: without indexes);
    ///   edits, six bytes each.
    /// - Returns: how many events were shown.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func segment(_ input: Data) throws -> Int {
        let store = try ProbeStore.whole.get()
        let edits = ProbeEdits(input, of: store)
        let isHonest = !edits.mendsFrames && !edits.mendsHeaders
        let disk = try edits.disk(of: store)
        let verification = try? Log.verify(at: ProbeStore.path, disk: disk)
        guard let log = openLog(disk, .readOnly) else { return 0 }
        let walk = try ProbeWalk(log)
        if isHonest { try walk.check(against: store.events) }
        // An index of other frames than those that were made to hold leads to other places than they are at, and a header
        // that was made to hold may say that its segment begins inside another one. Then only the manner of the answer counts.
        let isMisled = edits.mendsHeaders || edits.mendsFrames && !edits.dropsIndexes
        try compare(walk, log, isHonest: isHonest, isMisled: isMisled)
        if let verification, !isMisled {
            // A closed log that was cut reads as one that ends earlier: then there is nothing to report.
            try require(
                walk.damage.isEmpty || !verification.findings.isEmpty,
                "reading reports \(walk.damage) and verifying reports nothing")
            try require(
                !verification.findings.isEmpty || verification.eventCount == walk.events.count,
                "verifying counts \(verification.eventCount) events, and \(walk.events.count) can be read")
        }
        try? log.closeBlocking()
        try goOn(disk, walk, isMisled: isMisled)
        return walk.events.count
    }

    static func openLog(
        _ disk: SimulatedDisk, _ access: LogAccess, at path: String = ProbeStore.path
    ) -> Log? {
        try? Log.openBlocking(
            at: path, access: access, configuration: ProbeStore.configuration, disk: disk)
    }

    static func compare(
        _ walk: ProbeWalk, _ log: Log, isHonest: Bool, isMisled: Bool = false
    ) throws {
        var replayed: [RecordedEvent] = []
        var isReadable = true
        let isWhole: Bool? = try unlessDamaged("A replay") { () throws(StoreError) in
            try log.replayBlocking { (fields, bytes) throws(StoreError) in
                guard let event = try? fields.recordedEvent(bytes) else {
                    isReadable = false
                    return false
                }
                replayed.append(event)
                return true
            }
            return true
        }
        let isDamaged = isWhole == nil || !isReadable
        if isMisled { return }
        try require(isDamaged == !walk.damage.isEmpty, "a replay and pages do not agree about damage")
        // What a frame says under a checksum that was made to hold may turn out to be no commit in its middle only: then a
        // replay has lent the events before.
        let whole = replayed.filter { event in !walk.lost.contains { $0.contains(event.position.rawValue) } }
        try require(!isHonest || whole.count == replayed.count, "a replay shows what pages have lost")
        try require(
            walk.events.starts(with: whole),
            "a replay shows positions \(replayed.map(\.position)), and pages \(walk.events.map(\.position)), \(walk.damage)"
        )
        guard !isDamaged else { return }
        try require(replayed.count == walk.events.count, "a replay shows fewer events than pages")
        var backwards: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(direction: .backwards, pageEventCountMax: 7)
        while let query = next {
            guard
                let page = try unlessDamaged(
                    "Reading backwards", { () throws(StoreError) in try log.readBlocking(query) })
            else { throw ProbeFailure("backwards, damage is found that forwards is not") }
            backwards += page.events
            next = page.next
        }
        try require(backwards == walk.events.reversed(), "backwards, other events are shown")
        for id in Set(walk.events.map(\.aggregateID)) {
            guard
                let page = try unlessDamaged(
                    "Reading a stream",
                    { () throws(StoreError) in
                        try log.readBlocking(EventQuery(.aggregate(id)))
                    })
            else { continue }
            for event in page.events {
                try require(event.aggregateID == id, "an event of another aggregate is shown")
            }
        }
    }

    /// A log that can be opened for writing goes on behind what is shown, and keeps it.
    static func goOn(
        _ disk: SimulatedDisk, _ walk: ProbeWalk, at path: String = ProbeStore.path, isMisled: Bool = false
    ) throws {
        guard let log = openLog(disk, .openExisting, at: path) else { return }
        let id = EventID(RawIdentifier(high: .max, low: 1).uuid)
        let event = NewEvent(
            id: id, aggregateID: AggregateID(number: 77), aggregateType: "Tale", type: "Told",
            payload: Data("{}".utf8))
        let receipt = try? log.appendBlocking(Commit(events: [event]))
        try? log.closeBlocking()
        guard let receipt, walk.damage.isEmpty, !isMisled else { return }
        try require(
            receipt.firstPosition.rawValue == UInt64(walk.events.count) + 1,
            "\(walk.events.count) events are shown, and the next one gets position \(receipt.firstPosition)")
        guard let again = openLog(disk, .readOnly, at: path) else {
            throw ProbeFailure("a store that was appended to and closed cannot be opened again")
        }
        let afterwards = try ProbeWalk(again)
        try require(
            afterwards.damage.isEmpty && afterwards.events.dropLast() == walk.events[...]
                && afterwards.events.last?.id == id,
            "a store that was appended to shows \(afterwards.events.count) events, \(afterwards.damage)")
    }
}

/// What a store shows from its first position to its last, going on behind damage.
struct ProbeWalk {
    var events: [RecordedEvent] = []
    /// The positions that could not be read, as far as they are known.
    var damage: [String] = []
    private(set) var lost: [ClosedRange<UInt64>] = []
    private var lastPosition: UInt64 = 0

    init(_ log: Log) throws {
        lastPosition = (try? log.lastPositionBlocking().rawValue) ?? 0
        var next: EventQuery? = EventQuery(pageEventCountMax: 7)
        while let query = next, damage.count < 64 {
            do throws(StoreError) {
                let page = try log.readBlocking(query)
                events += page.events
                next = page.next
            } catch {
                try ReaderProbe.require(
                    ReaderProbe.isExpected(error), "Reading failed in another way than by damage: \(error)")
                damage.append(error.message)
                next = nil
                guard let positions = error.damagedPositions else { return }
                lost.append(positions.lowerBound.rawValue ... positions.upperBound.rawValue)
                // The page that reports damage has lost what it had read before.
                let from = max(
                    events.last.map { $0.position.rawValue + 1 } ?? 1, query.positions.lowerBound.rawValue)
                if positions.lowerBound.rawValue > from {
                    let before = EventQuery(
                        positions: Position(from) ... Position(positions.lowerBound.rawValue - 1))
                    if let page = try? log.readBlocking(before) { events += page.events }
                }
                guard positions.upperBound.rawValue < lastPosition else { return }
                next = EventQuery(
                    positions: Position(positions.upperBound.rawValue + 1) ... Position(lastPosition),
                    pageEventCountMax: 7)
            }
        }
    }

    /// Every event is one that was stored, and every position is shown or named as lost.
    func check(against stored: [RecordedEvent]) throws {
        for event in events {
            let position = event.position.rawValue
            try ReaderProbe.require(
                position >= 1 && position <= UInt64(stored.count) && stored[Int(position) - 1] == event,
                "at position \(position) another event is shown than was stored")
        }
        guard damage.count == lost.count, let last = events.last?.position.rawValue else { return }
        var shown = Set(events.map(\.position.rawValue))
        try ReaderProbe.require(shown.count == events.count, "a position is shown twice")
        for range in lost where range.overlaps(1 ... last) {
            for position in range.clamped(to: 1 ... last) { shown.insert(position) }
        }
        for position in 1 ... last {
            try ReaderProbe.require(
                shown.contains(position), "position \(position) is left out without a word")
        }
    }
}
