// Where fuzzing of what adapters read begins: what they write themselves, and what a server answers.

import Foundation
import Recall
import RecallMemcached
import RecallRedis

/// Valid inputs for the probes, by name.
enum AdapterSeeds {
    private static let uuid = UUID(
        uuid: (0x6F, 0x96, 0x19, 0xFF, 0x8B, 0x86, 0x40, 0x11, 0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 9))

    static func memcachedSnapshots() -> [String: Data] {
        var snapshot = Snapshot(
            aggregateID: AggregateID(uuid), aggregateType: "Größe", version: 300, position: 70_000,
            schemaFingerprint: 0xF00D, time: Timestamp(microsecondsSince1970: -5),
            payload: Data("{\"balance\":7}".utf8))
        let whole = SnapshotValue(snapshot).encoded()
        snapshot.payload = Data()
        func divided(_ size: Int, into partSize: Int) -> Data {
            SnapshotValue(
                snapshot,
                parts: SnapshotValue.Parts(
                    id: 0xABCD, payloadSize: size, partSize: partSize, checksum: 0x1234)
            ).encoded()
        }
        return [
            "whole": Data([0]) + whole, "whole-sealed": Data([1]) + whole,
            "empty": Data([1]) + SnapshotValue(snapshot).encoded(),
            "divided": Data([1]) + divided(3_000_001, into: 1_000_000),
            "divided-exactly": Data([1]) + divided(4096, into: 1024),
            "divided-empty": Data([1]) + divided(0, into: 1024),
            "parts-too-small-damaged": Data([1]) + divided(4096, into: 1023),
            "payload-too-large-damaged": Data([1]) + divided((8 << 20) + 1, into: 1 << 20),
        ]
    }

    static func redisEvents() -> [String: Data] {
        let least = NewEvent(
            id: EventID(uuid), aggregateID: AggregateID(uuid), type: "T", payload: Data())
        let rich = NewEvent(
            id: EventID(uuid), aggregateID: AggregateID(uuid), aggregateType: "Tale", type: "Größe",
            schemaVersion: .max, contentType: "text/plain", metadata: ["": "", "b": "é", "a": "e\u{301}"],
            tags: ["", "x", "order:7"], payload: Data(repeating: 0x0D, count: 200))
        let bodies = [("least", EventBody.encode(least)), ("rich", EventBody.encode(rich))]
        var result: [String: Data] = [:]
        for (name, body) in bodies {
            result[name] = Data([0] + body)
            result["\(name)-sealed"] = Data([1] + body.dropLast(EventBody.checksumBytesCount))
        }
        return result
    }

    static func redisReplies() -> [String: Data] {
        let texts = [
            "simple": "+OK\r\n:-12\r\n$2\r\nab\r\n", "nothing": "$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n",
            "error": "-MOVED 3999 127.0.0.1:6381\r\n-ERR no\r\n",
            "nested": "*3\r\n*2\r\n:1\r\n$2\r\nab\r\n$-1\r\n+x\r\n",
            "entries":
                "*2\r\n*2\r\n$3\r\n1-0\r\n*4\r\n$1\r\nv\r\n$1\r\n1\r\n$1\r\nb\r\n$0\r\n\r\n*2\r\n$3\r\n2-0\r\n*0\r\n",
            "begun-damaged": "*2\r\n$10\r\nabc", "stranger-damaged": "HTTP/1.1 200 OK\r\n",
            "large-damaged": "*65537\r\n", "newer-protocol-damaged": ",1.5\r\n#t\r\n%1\r\n+a\r\n:1\r\n",
        ]
        return texts.mapValues { Data([4] + $0.utf8) }
    }
}
