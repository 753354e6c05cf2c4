// The filters of a query, over borrowed bytes: what does not match is never copied.

package import Recall

/// Which events of a commit a query wants.
package struct EventFilter: Sendable {
    private let scope: EventQuery.Scope
    private let aggregateID: RawIdentifier?
    private let positions: ClosedRange<Position>
    private let versions: ClosedRange<Version>?
    private let eventTypes: [[UInt8]]
    private let aggregateTypes: [[UInt8]]
    private let since: Timestamp?
    private let until: Timestamp?

    package init(_ query: EventQuery) {
        scope = query.scope
        positions = query.positions
        switch query.scope {
        case .all:
            aggregateID = nil
            versions = nil
        case .aggregate(let id):
            aggregateID = RawIdentifier(id.uuid)
            versions = query.versions
        case .graph(let id):
            aggregateID = RawIdentifier(id.uuid)
            versions = nil
        }
        eventTypes = query.eventTypes.map { Array($0.rawValue.utf8) }
        aggregateTypes = query.aggregateTypes.map { Array($0.rawValue.utf8) }
        since = query.since
        until = query.until
    }

    /// Whether the query wants an event.
    @inline(__always)
    package func accepts(_ event: EventFields, _ bytes: RawSpan) -> Bool {
        guard positions.contains(event.position) else { return false }
        if let aggregateID {
            switch scope {
            case .all: break
            case .aggregate: if event.rawAggregateID != aggregateID { return false }
            case .graph: if event.rawRootID != aggregateID { return false }
            }
            if let versions, !versions.contains(event.version) { return false }
        }
        if let since, event.time < since { return false }
        if let until, event.time > until { return false }
        if !eventTypes.isEmpty, !Self.matches(event.type, bytes, eventTypes) { return false }
        if !aggregateTypes.isEmpty, !Self.matches(event.aggregateType, bytes, aggregateTypes) { return false }
        return true
    }

    private static func matches(_ range: Range<Int>, _ bytes: RawSpan, _ names: [[UInt8]]) -> Bool {
        bytes.extracting(range).withUnsafeBytes { text in
            names.contains { $0.count == text.count && $0.elementsEqual(text) }
        }
    }
}
