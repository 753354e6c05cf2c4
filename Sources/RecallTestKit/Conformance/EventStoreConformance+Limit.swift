// What is too large or makes no sense is refused before anything is written; what is just inside the
// documented limits is taken by every store.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    private static let limits = StoreLimits.standard

    /// The case of a commit that holds one value outside the limits, among values inside them.
    private static func refused(
        _ name: String, _ code: StoreError.Code, _ change: @escaping @Sendable (inout NewEvent) -> Void
    ) -> Case {
        Case("a commit with \(name) is refused") { session in
            var model = ReferenceModel()
            try await model.append(Commit(Sample.events(2), to: Sample.company), comparing: session.store)
            var events = Sample.events(3)
            change(&events[1])
            try await expectError(code, from: "Appending \(name)") {
                try await session.store.append(Commit(events: events))
            }
            try await model.compare(with: session.store)
        }
    }

    static let limitCases: [Case] = [
        refused("a payload over the limit", .limitExceeded) {
            $0.payload = Data(count: limits.payloadBytesMax + 1)
        },
        refused("an event type over the limit", .limitExceeded) {
            $0.type = EventType(text(limits.nameBytesMax + 1))
        },
        refused("an aggregate type over the limit", .limitExceeded) {
            $0.aggregateType = AggregateType(text(limits.nameBytesMax + 1))
        },
        refused("a content type over the limit", .limitExceeded) {
            $0.contentType = ContentType(text(limits.nameBytesMax + 1))
        },
        refused("a name over the limit in bytes and not in characters", .limitExceeded) {
            $0.type = EventType(String(repeating: "ü", count: limits.nameBytesMax / 2 + 1))
        },
        refused("a tag over the limit", .limitExceeded) {
            $0.tags = ["a", EventTag(text(limits.tagBytesMax + 1))]
        },
        refused("too many tags", .limitExceeded) {
            $0.tags = (0 ... limits.tagsCountMax).map { "\($0)" }
        },
        refused("a metadata key over the limit", .limitExceeded) {
            $0.metadata[text(limits.metadataKeyBytesMax + 1)] = ""
        },
        refused("a metadata value over the limit", .limitExceeded) {
            $0.metadata["key"] = text(limits.metadataValueBytesMax + 1)
        },
        refused("too many metadata values", .limitExceeded) { event in
            for index in 0 ... limits.metadataCountMax { event.metadata["\(index)"] = "" }
        },
        refused("an empty event type", .invalidArgument) { $0.type = "" },
        refused("schema version 0", .invalidArgument) { $0.schemaVersion = 0 },
        refused("one entity under two roots", .invalidArgument) { $0.rootID = Sample.depot },
        refused("one entity of two aggregate types", .invalidArgument) { $0.aggregateType = "Other" },
        Case("a commit of too many events is refused") { session in
            try await expectError(.limitExceeded, from: "Appending too many events") {
                try await session.store.append(
                    Commit(Sample.events(limits.eventsPerCommitCountMax + 1), to: Sample.company))
            }
            try await ReferenceModel().compare(with: session.store)
        },
        Case("a commit over the limit of bytes is refused") { session in
            let part = Data(count: limits.payloadBytesMax)
            let events = (0 ... (limits.commitBytesMax / limits.payloadBytesMax)).map { _ in
                var event = Sample.event()
                event.payload = part
                return event
            }
            try await expectError(.limitExceeded, from: "Appending too many bytes") {
                try await session.store.append(Commit(events: events))
            }
            try await ReferenceModel().compare(with: session.store)
        },
        Case("what is just inside the limits is stored") { session in
            var event = Sample.event()
            event.type = EventType(text(limits.nameBytesMax))
            event.aggregateType = AggregateType(text(limits.nameBytesMax))
            event.contentType = ContentType(text(limits.nameBytesMax))
            event.tags = (0 ..< limits.tagsCountMax).map {
                EventTag(text(limits.tagBytesMax - 2) + "\($0 % 10)\($0 / 10)")
            }
            for index in 0 ..< limits.metadataCountMax {
                event.metadata[text(limits.metadataKeyBytesMax - 2) + "\(index % 10)\(index / 10)"] =
                    text(limits.metadataValueBytesMax)
            }
            try await roundTrip([event], in: session.store)
        },
        Case("a payload of the limit is stored") { session in
            var event = Sample.event()
            event.payload = Data(repeating: 0x61, count: limits.payloadBytesMax)
            try await roundTrip([event], in: session.store)
        },
        Case("a commit of as many events as the limit allows is stored") { session in
            let store = session.store
            let events = Sample.events(limits.eventsPerCommitCountMax)
            let receipt = try await store.append(Commit(events, to: Sample.company))
            try expectEqual(
                receipt.lastPosition.rawValue, UInt64(events.count), "The last position in the receipt")
            let ids = try await store.readToEnd(EventQuery()).map(\.id)
            try expect(
                ids == events.map(\.id),
                "Reading \(events.count) events of one commit: expected them all, in order.")
        },
    ]

    private static func text(_ bytesCount: Int) -> String {
        String(repeating: "x", count: max(0, bytesCount))
    }
}
