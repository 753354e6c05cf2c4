// How far the streams of a commit go: one stream inline, several in an array. A dictionary would allocate
// memory for every commit, though most have a single stream.
//
// Invariants: an array holds two streams at least, each once. Their order does not count: the same streams
// with the same versions are equal and have the same hash.

/// Streams, each with the version of its last event in a commit.
package struct StreamVersions: Sendable {
    /// A stream, with the version of its last event.
    package typealias Stream = (id: AggregateID, version: Version)

    private enum Storage: Sendable {
        case none
        case one(AggregateID, Version)
        case several([Stream])
    }

    private let storage: Storage

    /// One stream, which takes no memory beside.
    package init(_ id: AggregateID, _ version: Version) { storage = .one(id, version) }

    /// Any number of streams, each named once. The array is kept as it is.
    package init(_ streams: [Stream]) {
        switch streams.count {
        case 0: storage = .none
        case 1: storage = .one(streams[0].id, streams[0].version)
        default: storage = .several(streams)
        }
    }

    /// The streams of a dictionary.
    package init(_ versions: [AggregateID: Version]) {
        self.init(versions.map { (id: $0.key, version: $0.value) })
    }

    /// The last version of each stream among events in order.
    package init<Events: BidirectionalCollection>(
        of events: Events, _ stream: (Events.Element) -> Stream
    ) {
        guard let last = events.last.map(stream) else {
            self.init([])
            return
        }
        if events.allSatisfy({ stream($0).id == last.id }) {
            self.init(last.id, last.version)
        } else {
            self.init(Dictionary(events.map(stream), uniquingKeysWith: { _, last in last }))
        }
    }

    /// How many streams there are.
    package var count: Int {
        switch storage {
        case .none: 0
        case .one: 1
        case .several(let streams): streams.count
        }
    }

    /// The version of a stream, looked for one by one; nil where it is not among them.
    package subscript(id: AggregateID) -> Version? {
        switch storage {
        case .none: nil
        case .one(let only, let version): only == id ? version : nil
        case .several(let streams): streams.first { $0.id == id }?.version
        }
    }

    /// The same as a dictionary.
    package var dictionary: [AggregateID: Version] {
        switch storage {
        case .none: [:]
        case .one(let id, let version): [id: version]
        case .several(let streams):
            Dictionary(streams.lazy.map { ($0.id, $0.version) }, uniquingKeysWith: { _, last in last })
        }
    }
}

extension StreamVersions: Hashable {
    package static func == (left: StreamVersions, right: StreamVersions) -> Bool {
        switch (left.storage, right.storage) {
        case (.none, .none): true
        case (.one(let id, let version), .one(let otherID, let otherVersion)):
            id == otherID && version == otherVersion
        case (.several(let streams), .several(let others)):
            streams.count == others.count
                && (streams.elementsEqual(others, by: ==) || left.dictionary == right.dictionary)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch storage {
        case .none: hasher.combine(0)
        case .one(let id, let version):
            hasher.combine(id)
            hasher.combine(version)
        case .several: hasher.combine(dictionary)
        }
    }
}
