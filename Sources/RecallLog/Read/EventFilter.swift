// The filters of a query, over borrowed bytes: what does not match is never copied, and a commit of other streams is
// not even decompressed.

package import Recall

/// Which events of a commit a query wants.
package struct EventFilter: Sendable {
    /// Whose events are wanted.
    enum Scope: Sendable { case all, stream, graph }

    private let scope: Scope
    private let aggregateID: RawIdentifier
    private let positions: ClosedRange<UInt64>
    private let versions: ClosedRange<UInt64>
    /// Whether any of what follows is asked for.
    private let looksInside: Bool
    private let eventTypes: [[UInt8]]
    private let aggregateTypes: [[UInt8]]
    private let criteria: RawCriteria?
    private let since: Timestamp?
    private let until: Timestamp?

    package init(_ query: EventQuery) {
        positions = query.positions.lowerBound.rawValue ... query.positions.upperBound.rawValue
        switch query.scope {
        case .all:
            scope = .all
            aggregateID = RawIdentifier(high: 0, low: 0)
            versions = 0 ... .max
        case .aggregate(let id):
            scope = .stream
            aggregateID = RawIdentifier(id.uuid)
            versions = query.versions.lowerBound.rawValue ... query.versions.upperBound.rawValue
        case .graph(let id):
            scope = .graph
            aggregateID = RawIdentifier(id.uuid)
            versions = 0 ... .max
        }
        eventTypes = query.eventTypes.map { Array($0.rawValue.utf8) }
        aggregateTypes = query.aggregateTypes.map { Array($0.rawValue.utf8) }
        since = query.since
        until = query.until
        criteria = query.matching.map { RawCriteria($0) }
        looksInside =
            since != nil || until != nil || !eventTypes.isEmpty || !aggregateTypes.isEmpty || criteria != nil
    }

    /// Whether events of a stream may be wanted.
    @inline(__always)
    package func wantsStream(_ id: RawIdentifier, root: RawIdentifier) -> Bool {
        switch scope {
        case .all: true
        case .stream: id == aggregateID
        case .graph: root == aggregateID
        }
    }

    /// Whether every event of every stream may be wanted.
    package var wantsAllStreams: Bool { scope == .all }

    /// The stream whose commits without an event of its own are of no use; nil where there is none such.
    package var onlyStream: RawIdentifier? { scope == .stream ? aggregateID : nil }

    /// Whether an event with these numbers may be wanted.
    @inline(__always)
    package func wants(position: UInt64, version: UInt64) -> Bool {
        positions.contains(position) && versions.contains(version)
    }

    /// Whether an event of a stream that is wanted is wanted, too.
    @inline(__always)
    package func accepts(_ event: EventFields, _ bytes: RawSpan) -> Bool {
        guard wants(position: event.position.rawValue, version: event.version.rawValue) else { return false }
        return !looksInside || acceptsContent(event, bytes)
    }

    private func acceptsContent(_ event: EventFields, _ bytes: RawSpan) -> Bool {
        if let since, event.time < since { return false }
        if let until, event.time > until { return false }
        if !eventTypes.isEmpty, !bytes.holds(anyOf: eventTypes, at: event.type) { return false }
        if !aggregateTypes.isEmpty, !bytes.holds(anyOf: aggregateTypes, at: event.aggregateType) {
            return false
        }
        return criteria?.matches(event, bytes) ?? true
    }
}
