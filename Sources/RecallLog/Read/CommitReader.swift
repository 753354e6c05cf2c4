// From a commit to the events that a query wants of it: what cannot be wanted is left out as early as the bytes
// allow, and all memory is used again for the next commit. One reader serves one query at a time.

package import Recall

/// Hands the events of commits to a consumer.
package struct CommitReader: ~Copyable {
    private let filter: EventFilter
    private let isBackwards: Bool
    private let path: String
    private var memory = BodyMemory()
    private var records = RecordReader()
    /// The events of one commit, to be turned around.
    private var turned = ReusedArray<EventFields>()

    /// - Parameter path: of the store, for errors.
    package init(_ query: EventQuery, path: String) {
        filter = EventFilter(query)
        isBackwards = query.direction == .backwards
        self.path = path
    }

    /// Reads one commit, whose checksum holds.
    /// - Throws: `damaged` where its content cannot be understood; what the consumer throws.
    @inline(__always)
    package mutating func read<Consumer: EventConsumer & ~Copyable>(
        _ commit: borrowing CommitHeader, _ segment: RawSpan, _ consumer: inout Consumer
    ) throws(StoreError) -> WalkStep {
        if consumer.begin(commit) == .stop { return .stop }
        guard commit.frame.isSimple else { return try readMany(commit, segment, &consumer) }
        guard filter.wantsStream(commit.firstStream.id, root: commit.firstStream.id),
            filter.wants(position: commit.firstPosition, version: commit.firstStream.version)
        else { return .goOn }
        let loaded: UnsafeRawBufferPointer
        do throws(FormatError) {
            loaded = try load(commit, segment)
        } catch {
            throw unreadable(commit, error)
        }
        // Valid until the next load, and the body is not used beyond this call.
        let body = loaded.bytes
        let event: EventFields
        do throws(FormatError) {
            event = try RecordReader.only(commit, segment: segment, body: body)
        } catch {
            throw unreadable(commit, error)
        }
        guard filter.accepts(event, body) else { return .goOn }
        return try consumer.take(event, body)
    }

    @inline(never)
    private mutating func readMany<Consumer: EventConsumer & ~Copyable>(
        _ commit: borrowing CommitHeader, _ segment: RawSpan, _ consumer: inout Consumer
    ) throws(StoreError) -> WalkStep {
        let loaded: UnsafeRawBufferPointer
        do throws(FormatError) {
            guard try holdsWanted(commit, segment) else { return .goOn }
            loaded = try load(commit, segment)
        } catch {
            throw unreadable(commit, error)
        }
        // Valid until the next load, and the body is not used beyond this call.
        let body = loaded.bytes
        do throws(FormatError) {
            try records.begin(commit, segment: segment, body: body)
        } catch {
            throw unreadable(commit, error)
        }
        if !filter.wantsAllStreams {
            let filter = filter
            records.select { filter.wantsStream($0, root: $1) }
        }
        turned.removeAll()
        while true {
            let next: EventFields?
            do throws(FormatError) {
                next = try records.next(segment: segment, body: body)
            } catch {
                throw unreadable(commit, error)
            }
            guard let event = next else { break }
            guard filter.accepts(event, body) else { continue }
            if isBackwards {
                turned.append(event)
            } else if try consumer.take(event, body) == .stop {
                return .stop
            }
        }
        var index = turned.count
        while index > 0 {
            index -= 1
            if try consumer.take(turned[index], body) == .stop { return .stop }
        }
        return .goOn
    }

    /// Whether any event can be wanted, by what the frame says outside its body.
    private func holdsWanted(
        _ commit: borrowing CommitHeader, _ segment: RawSpan
    ) throws(FormatError) -> Bool {
        guard let wanted = filter.onlyStream else { return true }
        var entries = commit.streamReader
        for _ in 0 ..< commit.streamCount {
            let entry = try commit.nextStream(&entries, segment)
            if entry.id == wanted { return entry.eventCount > 0 }
        }
        return false
    }

    /// The body as it was before compression, in the segment or in memory.
    @inline(__always)
    private mutating func load(
        _ commit: borrowing CommitHeader, _ segment: RawSpan
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        if commit.frame.codec == .none {
            // The segment stays borrowed as long as the caller's call lasts.
            return segment.extracting(commit.body).withUnsafeBytes { $0 }
        }
        try memory.load(commit, segment)
        return memory.loaded(commit)
    }

    private func unreadable(_ commit: borrowing CommitHeader, _ error: FormatError) -> StoreError {
        LogReader.bodyDamage(commit, error, path: path)
    }
}
