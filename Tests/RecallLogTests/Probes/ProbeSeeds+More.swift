// Where fuzzing of bodies, edited stores and text begins.

import Foundation
import Recall
import RecallLog

extension ProbeSeeds {
    /// Bodies as the engine encodes them, in each form.
    static func records() throws -> [String: Data] {
        func event(_ number: Int, of aggregate: Int) -> NewEvent { Story.event(number, of: aggregate) }
        var rich = event(1, of: 1)
        rich.metadata = ["correlation": "c-1", "causation": "c-0"]
        rich.tags = ["order:7", "customer:9"]
        rich.schemaVersion = 300
        rich.contentType = "text/plain"
        rich.time = Timestamp(microsecondsSince1970: -1)
        let many = (0 ..< 6).map { event($0, of: $0 % 3) } + [rich]
        func body(_ events: [NewEvent]) throws -> [UInt8] {
            var streams = StreamList()
            try streams.add(events)
            var writer = ByteWriter()
            CommitBody.encode(
                events, streamIndexes: streams.indexes, typeIndexes: streams.typeIndexes, to: &writer)
            return writer.withBytes { $0.withUnsafeBytes { Array($0) } }
        }
        var result: [String: Data] = [:]
        for (name, form) in [
            ("plain", 0), ("packed", 1), ("dictionary", 2), ("children-at-the-limit", 0b1100),
        ] {
            result["one-\(name)"] = Data([UInt8(form), 0] + (try body([event(1, of: 1)])))
            result["rich-\(name)"] = Data([UInt8(form), 0] + (try body([rich])))
            result["many-\(name)"] = Data([UInt8(form), 6 | (3 - 1) << 3] + (try body(many)))
        }
        var packed = ByteWriter()
        let raw = Array(repeating: try body([event(1, of: 1)]), count: 1)[0]
        _ = LZ4.compress(raw.span.bytes, to: &packed)
        result["damaged-claim"] = Data([3, 1 << 5] + packed.withBytes { $0.withUnsafeBytes { Array($0) } })
        return result
    }

    /// Edits: file and kind, number, offset u16, value u16.
    static func edits() throws -> [String: Data] {
        func edit(_ file: Int, _ kind: Int, _ number: Int, _ offset: Int, _ value: Int) -> [UInt8] {
            [
                UInt8(file + 3 * kind), UInt8(number), UInt8(offset & 0xFF), UInt8(offset >> 8),
                UInt8(value & 0xFF), UInt8(value >> 8),
            ]
        }
        return [
            "whole": Data([0]), "without-indexes": Data([4]),
            "flipped-in-the-tail": Data([0] + edit(2, 1, 3, 700, 0)),
            "flipped-in-a-sealed-segment-damaged": Data([4] + edit(1, 1, 3, 700, 0)),
            "header-flipped-damaged": Data([0] + edit(1, 1, 1, 40, 0)),
            "header-mended-damaged": Data([2] + edit(2, 2, 0, 48, 7)),
            "epoch-of-a-header-behind-its-index-mended": Data([2] + edit(2, 2, 0, 44, 0xB246)),
            "store-mended-damaged": Data([2] + edit(0, 2, 0, 12, 7)),
            "varint-mended-damaged": Data([5] + edit(2, 11, 2, 1, 0x7F)),
            "frame-moved-mended": Data([5] + edit(2, 9, 1, 600, 0) + edit(2, 10, 2, 0, 0)),
            "cut": Data([4] + edit(2, 7, 0, 900, 0)), "short-damaged": Data([4] + edit(2, 6, 0, 900, 0)),
        ]
    }

    static func eventLines() -> [String: Data] {
        let aggregate = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
        return [
            "least": "{\"aggregate\":\"\(aggregate)\",\"type\":\"A\",\"data\":{}}",
            "all": """
            {"position":7,"aggregate":"\(aggregate)","aggregateType":"Company","version":3,\
            "id":"0192f0c1-0000-7000-8000-000000000001","type":"Hired","time":"2026-11-23T10:15:30.123456+01:00",\
            "metadata":{"correlationId":"c\\u00e9\\ud83d\\ude00"},"tags":["a:b"],"root":"\(aggregate)",\
            "schemaVersion":2,"contentType":"application/vnd.x+json","expectedVersion":2,\
            "data":[1.50e3,-0,true,null,{"a":"\\n"}]}
            """,
            "base64": """
            {"aggregate":"\(aggregate)","type":"A","dataBase64":"AP8=","contentType":"","expectedVersion":"noStream"}
            """,
        ].mapValues { Data($0.utf8) }
    }

    static func configurations() -> [String: Data] {
        [
            "all": """
            event_stores:
              main: {kind: log, path: /data, durability: commit, segment_bytes_max: 65536, interval: 2.5 ms, verify: yes, key: 7}
            snapshot_stores:
              near: {kind: beside, event_store: main}
            routers:
              both: {kind: composite, routers: [a, stdout]}
              a: {kind: composite, routers: []}
            default: {event_store: main, snapshot_store: near, snapshot_frequency: 100}
            Account: &account
              event_store: memory
              identity_map_count_max: 10
            Order: *account
            """,
            "least": "default: {event_store: memory}\n",
        ].mapValues { Data($0.utf8) }
    }
}
