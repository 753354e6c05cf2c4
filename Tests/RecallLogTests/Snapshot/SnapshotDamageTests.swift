// Damaged snapshot files: whatever happened to the bytes, a snapshot that was saved comes back as it was
// or not at all, nothing throws, and the next snapshot is saved as if nothing had happened.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SnapshotDamageTests {
    /// What was saved, in this order, each snapshot of an aggregate newer than the one before.
    private static let saved: [Snapshot] = [
        .sample(1, at: 1), .sample(2, at: 2, payloadSize: 0), .sample(1, at: 3, payloadSize: 90),
        Snapshot(
            aggregateID: AggregateID(numbered: 3), aggregateType: "Größe", version: 2, position: 4,
            schemaFingerprint: 5, time: Timestamp(microsecondsSince1970: -6), payload: Data(count: 500)),
        .sample(2, at: 5), .sample(1, at: 300, payloadSize: 20),
    ]

    /// A directory that holds `saved`, and where each record ends.
    private func fill(_ kind: DiskUnderTest) throws -> (room: SnapshotRoom, ends: [Int]) {
        let room = try SnapshotRoom(kind)
        let files = room.open()
        let ends = try SnapshotDamageTests.saved.map { snapshot in
            try files.save(snapshot)
            return try room.bytes(ofFile: 1).count
        }
        return (room, ends)
    }

    private func newest(_ number: UInt8, of count: Int) -> Snapshot? {
        SnapshotDamageTests.saved.prefix(count).last { $0.aggregateID == AggregateID(numbered: number) }
    }

    /// Whatever the damage was, a new snapshot is kept, now and after reopening.
    private func expectToGoOn(_ room: SnapshotRoom, _ files: SnapshotFiles, _ what: Comment) throws {
        let next = Snapshot.sample(7, at: 1000)
        try files.save(next)
        #expect(try files.latest(of: next.aggregateID) == next, what)
        #expect(try room.open().latest(of: next.aggregateID) == next, what)
    }

    @Test(arguments: DiskUnderTest.allCases)
    func tornTailIsPassedOver(kind: DiskUnderTest) throws {
        let (room, ends) = try fill(kind)
        let whole = try room.bytes(ofFile: 1)
        for size in 0 ... whole.count {
            let torn = try SnapshotRoom(DiskUnderTest.simulated)
            try torn.disk.createDirectory(torn.directory)
            try torn.disk.put(Array(whole.prefix(size)), at: torn.path(1))
            let count = ends.count { $0 <= size }
            let files = torn.open()
            for number in 1 ... 3 as ClosedRange<UInt8> {
                #expect(
                    try files.latest(of: AggregateID(numbered: number)) == newest(number, of: count),
                    "cut off at \(size)")
            }
            try expectToGoOn(torn, files, "cut off at \(size)")
            // A file that does not end with a whole record takes nothing more.
            let goesOn = size == 512 || ends.contains(size)
            #expect(try torn.names().count == (goesOn ? 1 : 2), "cut off at \(size)")
            if !goesOn { #expect(try torn.bytes(ofFile: 1) == Array(whole.prefix(size))) }
            // What was whole before is still there beside the new one.
            #expect(try torn.open().latest(of: AggregateID(numbered: 1)) == newest(1, of: count))
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func flippedBitNeverGivesOtherBytes(kind: DiskUnderTest) throws {
        let (room, ends) = try fill(kind)
        let whole = try room.bytes(ofFile: 1)
        let file = try room.disk.open(room.path(1), .readWrite)
        for offset in TestEffort.steps(whole.indices) {
            let bits = kind == .simulated ? 0 ..< 8 : offset % 8 ..< offset % 8 + 1
            for bit in bits {
                try file.write([whole[offset] ^ (1 << UInt8(bit))], at: offset)
                // Records before the damaged one are there; those behind it are not looked for.
                let count = offset < 512 ? 0 : ends.count { $0 <= offset }
                let files = room.open(isReadOnly: true)
                for number in 1 ... 3 as ClosedRange<UInt8> {
                    let found = try files.latest(of: AggregateID(numbered: number))
                    #expect(found == newest(number, of: count), "byte \(offset), bit \(bit)")
                }
            }
            try file.write([whole[offset]], at: offset)
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func damageAfterTheIndexWasBuiltIsFound(kind: DiskUnderTest) throws {
        let (room, ends) = try fill(kind)
        let files = room.open()
        #expect(try files.latest(of: AggregateID(numbered: 1)) == newest(1, of: 6))
        try room.disk.open(room.path(1), .readWrite).write([0xFF, 0xFF, 0xFF], at: ends[5] - 5)
        #expect(try files.latest(of: AggregateID(numbered: 1)) == nil)
        #expect(try files.latest(of: AggregateID(numbered: 2)) == newest(2, of: 6))
        try expectToGoOn(room, files, "damaged while open")
        try files.compact()
        #expect(try files.latest(of: AggregateID(numbered: 2)) == newest(2, of: 6))
        #expect(try room.open().latest(of: AggregateID(numbered: 1)) == nil)
    }

    @Test func sectorsOfZerosOrNoiseArePassedOver() throws {
        for fill in [[UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0xFF, count: 4096)] {
            let (room, _) = try self.fill(.simulated)
            let size = try room.bytes(ofFile: 1).count
            try room.disk.open(room.path(1), .readWrite).write(fill, at: size)
            let files = room.open()
            for number in 1 ... 3 as ClosedRange<UInt8> {
                #expect(try files.latest(of: AggregateID(numbered: number)) == newest(number, of: 6))
            }
            try expectToGoOn(room, files, "noise behind the end")
        }
    }

    @Test func recordOfAnotherFileIsNotBelieved() throws {
        let (room, ends) = try fill(.simulated)
        let whole = try room.bytes(ofFile: 1)
        let other = SnapshotRoom(room.disk, directory: room.directory + "2")
        let files = other.open(storeID: RawIdentifier(high: 9, low: 9))
        try files.save(.sample(4, at: 1))
        let foreign = try other.bytes(ofFile: 1)
        try room.disk.open(room.path(1), .readWrite).write(Array(foreign[512...]), at: ends[5])
        try other.disk.open(other.path(1), .readWrite).write(Array(whole[512...]), at: foreign.count)
        #expect(try room.open().latest(of: AggregateID(numbered: 4)) == nil)
        #expect(try room.open().latest(of: AggregateID(numbered: 1)) == newest(1, of: 6))
        let reopened = other.open(storeID: RawIdentifier(high: 9, low: 9))
        #expect(try reopened.latest(of: AggregateID(numbered: 1)) == nil)
        #expect(try reopened.latest(of: AggregateID(numbered: 4)) == .sample(4, at: 1))
    }

    /// Records with a checksum that holds and fields that lie: what a bug or an attacker would write.
    @Test func lyingRecordIsRefusedWithoutAnAllocation() throws {
        struct Lie {
            var name: String
            var write: (inout ByteWriter) -> Void
            var flags: UInt8 = 0
        }
        func numbers(_ writer: inout ByteWriter) {
            writer.varint(UInt64(1))
            writer.varint(UInt64(1))
            writer.integer(UInt64(0))
            writer.zigzag(0)
        }
        let lies = [
            Lie(name: "nothing behind the id") { _ in },
            Lie(name: "a type longer than the record") {
                numbers(&$0)
                $0.varint(1_000_000)
            },
            Lie(name: "a huge payload in a small block") {
                numbers(&$0)
                $0.varint(0)
                $0.varint(64 << 20)
                $0.integer(UInt32(0))
            },
            Lie(
                name: "a huge compressed payload in a small block",
                write: {
                    numbers(&$0)
                    $0.varint(0)
                    $0.varint(64 << 20)
                    $0.integer(UInt32(0))
                }, flags: 1),
            Lie(
                name: "a block that does not unpack",
                write: {
                    numbers(&$0)
                    $0.varint(0)
                    $0.varint(100)
                    $0.integer(UInt64.max)
                }, flags: 1),
            Lie(name: "a payload beyond the limit") {
                numbers(&$0)
                $0.varint(0)
                $0.varint(UInt64.max)
            },
            Lie(name: "a type that is no text") {
                numbers(&$0)
                $0.varint(2)
                $0.integer(UInt16(0xFFFF))
                $0.varint(0)
            },
            Lie(name: "a flag of a later version", write: { _ in }, flags: 0x80),
        ]
        for lie in lies {
            let (room, ends) = try fill(.simulated)
            let whole = try room.bytes(ofFile: 1)
            let seed = Checksum.crc32c(Array(whole[..<508]).span.bytes)
            var record = ByteWriter()
            record.byte(lie.flags)
            record.identifier(RawIdentifier(AggregateID(numbered: 8).uuid))
            lie.write(&record)
            var sized = ByteWriter()
            sized.integer(UInt32(record.count + 8))
            record.withBytes { sized.bytes($0) }
            var sealed = ByteWriter()
            sealed.integer(sized.withBytes { Checksum.crc32c($0, after: seed) })
            sized.withBytes { sealed.bytes($0) }
            let file = try room.disk.open(room.path(1), .readWrite)
            try sealed.withBytes { try file.write($0, at: ends[5]) }
            let files = room.open()
            #expect(try files.latest(of: AggregateID(numbered: 8)) == nil, "\(lie.name)")
            #expect(try files.latest(of: AggregateID(numbered: 1)) == newest(1, of: 6), "\(lie.name)")
            try expectToGoOn(room, files, "\(lie.name)")
        }
    }

    /// The worked example of docs/format-snapshots.md, byte by byte.
    @Test func bytesAreThoseOfTheDescription() throws {
        let room = try SnapshotRoom(.simulated)
        let files = room.open()
        try files.save(
            Snapshot(
                aggregateID: AggregateID(numbered: 16), aggregateType: "Company", version: 3, position: 300,
                schemaFingerprint: 0x0102_0304_0506_0708, time: Timestamp(microsecondsSince1970: 1),
                payload: Data("{}".utf8)))
        try files.remove(AggregateID(numbered: 16))
        let bytes = try room.bytes(ofFile: 1)
        let hex = { (part: ArraySlice<UInt8>) in
            part.map { String(("0" + String($0, radix: 16)).suffix(2)) }.joined(separator: " ")
        }
        #expect(hex(bytes[..<48]) == SnapshotDamageTests.headerExample)
        #expect(bytes[48 ..< 508].allSatisfy { $0 == 0 })
        #expect(hex(bytes[508 ..< 512]) == SnapshotDamageTests.headerChecksumExample)
        #expect(hex(bytes[512...]) == SnapshotDamageTests.recordsExample)
    }

    private static let headerExample =
        "52 45 43 41 4c 4c 53 4e 01 00 00 00 00 02 00 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff "
        + "01 00 00 00 01 00 00 00 00 40 1e 18 24 0a 06 00"
    private static let headerChecksumExample = "a4 9f 21 8f"
    private static let recordsExample =
        "97 8b 77 29 30 00 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 03 ac 02 "
        + "08 07 06 05 04 03 02 01 02 07 43 6f 6d 70 61 6e 79 02 7b 7d "
        + "3b 50 05 93 19 00 00 00 02 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10"
}
