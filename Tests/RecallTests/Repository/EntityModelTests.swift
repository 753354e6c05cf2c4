// The fingerprint of a schema: the same for the same schema in every process, another for another.

import Foundation
import Testing

@testable import Recall

/// A root whose parts a test can vary.
private protocol Variant: AggregateRoot where Fact == NodeEvent {}
extension Variant {
    static var aggregateType: AggregateType { "Variant" }
    mutating func apply(_ event: NodeEvent) {}
}

private struct Base: Variant {
    var lifecycle: EntityLifecycle
    var name = ""
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct Twin: Variant {
    var name = ""
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct OtherKey: Variant {
    var lifecycle: EntityLifecycle
    var title = ""
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct OtherKind: Variant {
    var lifecycle: EntityLifecycle
    var name = 0
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct MoreOptional: Variant {
    var lifecycle: EntityLifecycle
    var name = ""
    var title: String?
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct MoreOptionalStruct: Variant {
    struct Inner: Codable, Sendable {}
    var lifecycle: EntityLifecycle
    var name = ""
    var title: Inner?
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct MoreEmptyArray: Variant {
    var lifecycle: EntityLifecycle
    var name = ""
    var titles: [String] = []
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct MoreEmptyNumbers: Variant {
    var lifecycle: EntityLifecycle
    var name = ""
    var titles: [Int] = []
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct OtherDeclaredVersion: Variant {
    static let snapshotSchemaVersion: UInt32 = 2
    var lifecycle: EntityLifecycle
    var name = ""
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct OtherInitialValue: Variant {
    var lifecycle: EntityLifecycle
    var name = "nobody"
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
/// Each new one is another, so its values cannot be part of a schema.
private struct NeverTheSame: Variant {
    var lifecycle: EntityLifecycle
    var key = UInt64.random(in: 0 ... .max)
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct OtherEvents: AggregateRoot {
    static let aggregateType: AggregateType = "Variant"
    var lifecycle: EntityLifecycle
    var name = ""
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: Solo.SoloEvent) {}
}
private struct WithChildren: Variant {
    static var children: [EntityChildren<WithChildren>] { [.list(\.members)] }
    var lifecycle: EntityLifecycle
    var name = ""
    var members = EntityList<Member>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct WithOtherChildren: Variant {
    static var children: [EntityChildren<WithOtherChildren>] { [.list(\.members)] }
    var lifecycle: EntityLifecycle
    var name = ""
    var members = EntityList<Team>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}
private struct Recursive: Variant {
    static var children: [EntityChildren<Recursive>] { [.list(\.parts)] }
    var lifecycle: EntityLifecycle
    var parts = EntityList<Recursive>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}

/// Two of one name each, that differ in what only their own description shows.
private enum Before {
    struct Grown: EventPayload {
        static let eventType: EventType = "Grown"
    }
    struct Part: Entity {
        static let aggregateType: AggregateType = "Part"
        var lifecycle: EntityLifecycle
        init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
        mutating func apply(_ event: NodeEvent) {}
    }
}
private enum After {
    struct Grown: EventPayload {
        static let eventType: EventType = "Grown"
        static let schemaVersion: UInt32 = 2
    }
    struct Part: Entity {
        static let aggregateType: AggregateType = "Part"
        static let snapshotSchemaVersion: UInt32 = 2
        var lifecycle: EntityLifecycle
        init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
        mutating func apply(_ event: NodeEvent) {}
    }
}
private struct GrownEvent<Payload: EventPayload>: Event {
    var grown: Payload
    var payload: any EventPayload { grown }
    static var cases: [EventCase<GrownEvent>] {
        [EventCase { (payload: Payload) in GrownEvent(grown: payload) }]
    }
}
private struct WithEvents<Payload: EventPayload>: AggregateRoot {
    static var aggregateType: AggregateType { "Variant" }
    var lifecycle: EntityLifecycle
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
    mutating func apply(_ event: GrownEvent<Payload>) {}
}
private struct WithParts<Part: Entity>: Variant {
    static var children: [EntityChildren<WithParts>] { [.list(\.parts)] }
    var lifecycle: EntityLifecycle
    var parts = EntityList<Part>()
    init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
}

struct EntityModelTests {
    @Test func schemaVersionOfAnEventShows() {
        #expect(
            EntityModel(of: WithEvents<Before.Grown>.self).fingerprint
                != EntityModel(of: WithEvents<After.Grown>.self).fingerprint)
    }

    @Test func declaredVersionOfAChildShows() {
        #expect(
            EntityModel(of: WithParts<Before.Part>.self).fingerprint
                != EntityModel(of: WithParts<After.Part>.self).fingerprint)
    }

    @Test func everyDifferenceInTheSchemaShows() {
        let fingerprints = [
            EntityModel(of: Base.self), EntityModel(of: OtherKey.self), EntityModel(of: OtherKind.self),
            EntityModel(of: MoreOptional.self), EntityModel(of: MoreOptionalStruct.self),
            EntityModel(of: MoreEmptyArray.self), EntityModel(of: MoreEmptyNumbers.self),
            EntityModel(of: OtherDeclaredVersion.self), EntityModel(of: OtherEvents.self),
            EntityModel(of: WithChildren.self), EntityModel(of: WithOtherChildren.self),
            EntityModel(of: Recursive.self), EntityModel(of: OtherInitialValue.self),
            EntityModel(
                of: Base.self, upcasters: [Upcaster(from: "Christened", schemaVersion: 1, to: "Named")]),
        ].map(\.fingerprint)
        #expect(Set(fingerprints).count == fingerprints.count)
    }

    @Test func whatDoesNotMatterDoesNotShow() {
        let unrelated: Upcasters = [Upcaster(from: "Sold", schemaVersion: 1)]
        #expect(
            EntityModel(of: Base.self, upcasters: unrelated).fingerprint
                == EntityModel(of: Base.self).fingerprint)
        #expect(
            EntityModel(of: NeverTheSame.self).fingerprint == EntityModel(of: NeverTheSame.self).fingerprint)
    }

    @Test func orderOfPropertiesDoesNotShow() {
        #expect(EntityModel(of: Base.self).fingerprint == EntityModel(of: Twin.self).fingerprint)
    }

    @Test func fingerprintIsTheSameInEveryProcess() {
        #expect(EntityModel(of: Agency.self).fingerprint == EntityModel(of: Agency.self).fingerprint)
        #expect(EntityModel(of: Base.self).fingerprint == 10_412_100_782_016_750_043)
    }

    @Test(
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func hashGivesThePublishedValues(text: String, expected: UInt64) {
        var hash = FNV1a()
        hash.add(text)
        #expect(hash.value == expected)
    }
}
