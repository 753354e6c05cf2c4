// Events counted by one of their features, with the sizes of their payloads.

import ArgumentParser
import Recall
import RecallLog

/// By what events are counted.
enum CensusFeature: String, CaseIterable, ExpressibleByArgument {
    case hour, day, type
    case aggregateType = "aggregate-type"
    case tag

    /// The key of a group's name in a line.
    var key: String { self == .aggregateType ? "aggregateType" : rawValue }

    fileprivate var duration: Int64? {
        switch self {
        case .hour: 3_600_000_000
        case .day: 86_400_000_000
        case .type, .aggregateType, .tag: nil
        }
    }
}

/// Counts events in groups.
struct GroupCensus {
    struct Row {
        var name: String
        var eventCount = 0
        var payloadBytes = 0
    }

    /// A name, whichever kind: equal when its bytes are.
    private enum Group: Hashable {
        case named(EventTag)
        case moment(Int64)
    }

    private struct Sum {
        var eventCount = 0
        var payloadBytes = 0
    }

    private let feature: CensusFeature
    private var sums: [Group: Sum] = [:]

    init(by feature: CensusFeature) { self.feature = feature }

    mutating func count(
        _ event: EventFields, _ bytes: RawSpan, _ names: inout NameMemory
    ) throws(FormatError) {
        switch feature {
        case .hour, .day:
            let duration = feature.duration ?? 1
            let time = event.time.microsecondsSince1970
            let rest = time % duration
            // Times before 1970 belong to the hour and the day that they are in, too.
            add(
                event,
                to: .moment(time.subtractingReportingOverflow(rest < 0 ? rest + duration : rest).partialValue)
            )
        case .type: add(event, to: .named(EventTag(try names.string(event.type, bytes))))
        case .aggregateType: add(event, to: .named(EventTag(try names.string(event.aggregateType, bytes))))
        case .tag:
            for tag in try event.uniqueTags(bytes, &names) { add(event, to: .named(tag)) }
        }
    }

    private mutating func add(_ event: EventFields, to group: Group) {
        sums[group, default: Sum()].eventCount += 1
        sums[group, default: Sum()].payloadBytes += event.payload.count
    }

    /// In order of time, or the most frequent first; of those that are as frequent the one whose bytes come first.
    var rows: [Row] {
        let sorted = sums.sorted { left, right in
            switch (left.key, right.key) {
            case (.moment(let one), .moment(let other)): one < other
            case (.named(let one), .named(let other)):
                left.value.eventCount == right.value.eventCount
                    ? one < other : left.value.eventCount > right.value.eventCount
            case (.moment, .named): true
            case (.named, .moment): false
            }
        }
        return sorted.map { group, sum in
            Row(name: name(of: group), eventCount: sum.eventCount, payloadBytes: sum.payloadBytes)
        }
    }

    private func name(of group: Group) -> String {
        switch group {
        case .named(let name): return name.rawValue
        case .moment(let time):
            let text = Timestamp(microsecondsSince1970: time).iso8601
            guard let end = text.firstIndex(of: feature == .day ? "T" : ".") else { return text }
            return feature == .day ? String(text[..<end]) : text[..<end] + "Z"
        }
    }
}
