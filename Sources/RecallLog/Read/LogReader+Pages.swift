// Pages of events as values: what the asynchronous face and the stores above it read.

package import Recall

extension LogReader {
    /// Reads a page.
    /// - Parameter published: the last position that may be seen.
    package func read(_ query: EventQuery, published: UInt64) throws(StoreError) -> EventPage {
        try query.check()
        if query.limit == 0 { return EventPage(events: [], next: nil) }
        let first = max(1, query.positions.lowerBound.rawValue)
        let last = min(published, query.positions.upperBound.rawValue)
        guard first <= last else { return EventPage(events: [], next: nil) }
        var page = PageBuilder(query)
        switch (query.scope, query.direction) {
        case (.all, .forwards): try readForwards(first, last, &page)
        case (.all, .backwards): try readBackwards(first, last, &page)
        case (.aggregate(let id), _), (.graph(let id), _):
            try readFrames(of: RawIdentifier(id.uuid), first, last, &page)
        }
        return page.finish()
    }

    private func readForwards(_ first: UInt64, _ last: UInt64, _ page: inout PageBuilder) throws(StoreError) {
        try forEachCommit(from: first, through: last) { (commit, bytes) throws(StoreError) in
            try take(commit, bytes, through: last, &page)
        }
    }

    /// Reads backwards in pieces: frames can be found from their beginning only, so each piece begins
    /// where the index knows a frame, and is turned around.
    private func readBackwards(_ first: UInt64, _ last: UInt64, _ page: inout PageBuilder) throws(StoreError)
    {
        var end = last
        while end >= first {
            let segments = contents.segments
            let index = partitionIndex(of: segments.count) { segments[$0].header.firstPosition > end } - 1
            guard index >= 0 else { return }
            let file = segments[index]
            let start = try pieceStart(before: end, in: file)
            var commits: [CommitHeader] = []
            try forEachCommit(from: start, through: end, in: segments) { (commit, _) throws(StoreError) in
                commits.append(commit)
                return .goOn
            }
            let step = try file.withBytes { (bytes) throws(StoreError) -> Step in
                for commit in commits.reversed() where try take(commit, bytes, through: last, &page) == .stop
                {
                    return .stop
                }
                return .goOn
            }
            if step == .stop || start <= 1 { return }
            end = start - 1
        }
    }

    /// The first position of the commit that the index knows at or before a position.
    private func pieceStart(before position: UInt64, in file: SegmentFile) throws(StoreError) -> UInt64 {
        let offset = contents.offset(before: position, in: file)
        guard offset > file.header.framesOffset else { return file.header.firstPosition }
        return try file.withBytes { (bytes) throws(StoreError) in
            try commit(at: offset, in: file, bytes).firstPosition
        }
    }

    private func readFrames(
        of id: RawIdentifier, _ first: UInt64, _ last: UInt64, _ page: inout PageBuilder
    ) throws(StoreError) {
        let references = try contents.references(to: id)
        let isForwards = page.query.direction == .forwards
        for index in isForwards ? Array(references.indices) : references.indices.reversed() {
            let piece = references[index]
            let step = try piece.file.withBytes { (bytes) throws(StoreError) -> Step in
                let range = try relevant(piece, of: id, first, last, page.query, bytes)
                for offset in isForwards ? Array(range) : range.reversed() {
                    let commit = try commit(at: offset, in: piece.file, bytes)
                    if try take(commit, bytes, through: last, &page) == .stop { return .stop }
                }
                return .goOn
            }
            if step == .stop { return }
        }
    }

    /// The offsets of an aggregate's frames between two positions and, for its own stream, versions.
    /// Found by halving, so that a page far into a long stream does not read what lies before it.
    private func relevant(
        _ references: FrameReferences, of id: RawIdentifier, _ first: UInt64, _ last: UInt64,
        _ query: EventQuery, _ bytes: RawSpan
    ) throws(StoreError) -> ArraySlice<Int> {
        let offsets = references.offsets
        func boundary(_ isBehind: (CommitHeader) throws(StoreError) -> Bool) throws(StoreError) -> Int {
            var low = 0
            var high = offsets.count
            while low < high {
                let middle = (low + high) / 2
                let commit = try commit(at: offsets[middle], in: references.file, bytes)
                if try isBehind(commit) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        var lower = try boundary { (commit) in commit.lastPosition >= first }
        var upper = try boundary { (commit) in commit.firstPosition > last }
        if case .aggregate = query.scope {
            let versions = query.versions
            lower = max(
                lower,
                try boundary { (commit) throws(StoreError) in
                    (try stream(id, in: commit, bytes)?.version ?? 0) >= versions.lowerBound.rawValue
                })
            upper = min(
                upper,
                try boundary { (commit) throws(StoreError) in
                    (try stream(id, in: commit, bytes)?.previousVersion ?? 0) >= versions.upperBound.rawValue
                })
        }
        return lower < upper ? offsets[lower ..< upper] : []
    }

    /// Adds to a page what a query wants of a commit.
    private func take(
        _ commit: CommitHeader, _ bytes: RawSpan, through last: UInt64, _ page: inout PageBuilder
    ) throws(StoreError) -> Step {
        guard commit.firstPosition <= last else { return .goOn }
        do throws(FormatError) {
            return try page.add(commit, bytes)
        } catch {
            throw bodyDamage(commit, error)
        }
    }
}

/// Gathers the events of a page and knows where the next one begins.
struct PageBuilder: ~Copyable {
    let query: EventQuery
    private let filter: EventFilter
    private var events: [RecordedEvent] = []
    private let countMax: Int
    private var examinedCount = 0
    private var next: EventQuery?
    private var memory = BodyMemory()
    private var records = RecordReader()

    init(_ query: EventQuery) {
        self.query = query
        filter = EventFilter(query)
        countMax = min(query.pageEventCountMax, query.limit ?? .max)
    }

    /// Takes what the query wants of a commit.
    /// - Returns: `stop` once the page is full.
    mutating func add(_ commit: CommitHeader, _ segment: RawSpan) throws(FormatError) -> LogReader.Step {
        // The commit that overflows a page is where the next one begins.
        if events.count >= countMax || examinedCount >= LogReader.pageExaminedCountMax {
            next = rest(at: commit)
            return .stop
        }
        try memory.load(commit, segment)
        var taken = try Self.collect(commit, segment, from: memory, with: &records, filter)
        examinedCount += commit.eventCount
        if query.direction == .backwards { taken.reverse() }
        for event in taken {
            if events.count >= countMax {
                next = rest(from: event.position)
                return .stop
            }
            events.append(event)
        }
        return .goOn
    }

    /// Copies the events that the filter accepts.
    private static func collect(
        _ commit: CommitHeader, _ segment: RawSpan, from memory: borrowing BodyMemory,
        with records: inout RecordReader, _ filter: EventFilter
    ) throws(FormatError) -> [RecordedEvent] {
        try memory.withBody(of: commit, segment) { (body) throws(FormatError) in
            var taken: [RecordedEvent] = []
            try records.begin(commit, segment: segment, body: body)
            while let event = try records.next(segment: segment, body: body) {
                if filter.accepts(event, body) { taken.append(try event.recordedEvent(body)) }
            }
            return taken
        }
    }

    /// What is left of the query when `commit` is not in the page any more.
    private func rest(at commit: CommitHeader) -> EventQuery? {
        switch query.direction {
        case .forwards: rest(from: Position(commit.firstPosition))
        case .backwards: rest(from: Position(commit.lastPosition))
        }
    }

    private func rest(from position: Position) -> EventQuery? {
        if let limit = query.limit, events.count >= limit { return nil }
        var rest = query
        rest.limit = query.limit.map { $0 - events.count }
        switch query.direction {
        case .forwards:
            let lower = max(position, query.positions.lowerBound)
            guard lower <= query.positions.upperBound else { return nil }
            rest.positions = lower ... query.positions.upperBound
        case .backwards:
            let upper = min(position, query.positions.upperBound)
            guard upper >= query.positions.lowerBound else { return nil }
            rest.positions = query.positions.lowerBound ... upper
        }
        return rest
    }

    consuming func finish() -> EventPage { EventPage(events: events, next: next) }
}
