// What a fixture holds, written down once, when it was made: later programs are held against this, not against themselves.

import Foundation
import Recall

/// The manifest of a fixture, for both of its layouts.
struct FixtureManifest: Codable, Equatable {
    /// An event as `RecordedEvent` has it, but for the payload, of which there are size and hash.
    struct Event: Codable, Equatable {
        var position: UInt64
        var aggregate: String
        var root: String
        var aggregateType: String
        var version: UInt64
        var id: String
        var type: String
        var schemaVersion: UInt32
        /// Microseconds since 1970.
        var time: Int64
        var contentType: String
        var metadata: [String: String]
        var tags: [String]
        var payloadSize: Int
        var payloadHash: String
    }

    /// A snapshot as `Snapshot` has it.
    struct Snapshot: Codable, Equatable {
        var aggregate: String
        var aggregateType: String
        var version: UInt64
        var position: UInt64
        var schemaFingerprint: UInt64
        var time: Int64
        var payloadHash: String
    }

    /// Positions that cannot be read.
    struct Loss: Codable, Equatable {
        var segment: UInt64
        var first: UInt64
        var last: UInt64
    }

    var formatVersion: Int
    /// The name of the case that opening finds at the end of the log: docs/format.md, "What opening does".
    var ending: String
    var segmentCount: Int
    /// What is lost of `events`.
    var damage: [Loss]
    /// Aggregates that had a snapshot, which was removed.
    var removedSnapshots: [String]
    var snapshots: [Snapshot]
    /// All that was acknowledged, or is whole in spite of a crash, in order.
    var events: [Event]
    /// The hash of each file, by its path.
    var files: [String: String]

    /// FNV-1a of 64 bits, which shares nothing with the checksums under test.
    static func hash(_ bytes: Data) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 as UInt64 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The text of the manifest's file: JSON, an event a line.
    func text() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        func list(_ values: [some Encodable]) throws -> String {
            values.isEmpty ? "[]" : "[\n" + (try values.map { try json($0) }.joined(separator: ",\n")) + "\n]"
        }
        let files = try files.sorted { $0.key < $1.key }.map { "\(try json($0.key)):\(try json($0.value))" }
        let parts = [
            "\"formatVersion\":\(formatVersion)", "\"ending\":\(try json(ending))",
            "\"segmentCount\":\(segmentCount)", "\"damage\":\(try list(damage))",
            "\"removedSnapshots\":\(try list(removedSnapshots))", "\"snapshots\":\(try list(snapshots))",
            "\"events\":\(try list(events))", "\"files\":{\n\(files.joined(separator: ",\n"))\n}",
        ]
        return Data("{\n\(parts.joined(separator: ",\n"))\n}\n".utf8)
    }
}

extension FixtureManifest.Event {
    init(_ event: RecordedEvent) {
        position = event.position.rawValue
        aggregate = "\(event.aggregateID)"
        root = "\(event.rootID)"
        aggregateType = event.aggregateType.rawValue
        version = event.version.rawValue
        id = "\(event.id)"
        type = event.type.rawValue
        schemaVersion = event.schemaVersion
        time = event.time.microsecondsSince1970
        contentType = event.contentType.rawValue
        metadata = Dictionary(
            event.metadata.values.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        tags = event.tags.map(\.rawValue)
        payloadSize = event.payload.count
        payloadHash = FixtureManifest.hash(event.payload)
    }
}

extension FixtureManifest.Snapshot {
    init(_ snapshot: Snapshot) {
        aggregate = "\(snapshot.aggregateID)"
        aggregateType = snapshot.aggregateType.rawValue
        version = snapshot.version.rawValue
        position = snapshot.position.rawValue
        schemaFingerprint = snapshot.schemaFingerprint
        time = snapshot.time.microsecondsSince1970
        payloadHash = FixtureManifest.hash(snapshot.payload)
    }
}
