// A sync program cut a segment short under a running application, and the next look at the missing bytes, which were mapped, was a
// signal that ended the process: the one that wrote as well as those that only read.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct LostMapTests {
    /// A byte behind the end of a file that was cut short reads as zero, and the map knows; the others are as they were.
    @Test func mapOfAFileThatWasCutShortShowsZerosAndSaysSo() throws {
        let room = try DiskUnderTest.posix.make()
        let file = try room.makeFile("a")
        try file.write([UInt8](repeating: 7, count: 64 << 10).span.bytes, at: 0)
        let map = try file.map(count: 64 << 10, isWritable: false)
        #expect(map.base.load(fromByteOffset: 60 << 10, as: UInt8.self) == 7)
        try file.truncate(to: 32 << 10)
        #expect(!map.isLost)
        #expect(map.base.load(fromByteOffset: 60 << 10, as: UInt8.self) == 0)
        #expect(map.isLost)
        #expect(map.base.load(fromByteOffset: 1 << 10, as: UInt8.self) == 7)
        // Its entry is used again for another map, which is not lost.
        let other = try file.map(count: 4096, isWritable: true)
        #expect(!other.isLost)
    }

    @Test func storeToAMapOfAFileThatWasCutShortIsRefused() throws {
        let room = try DiskUnderTest.posix.make()
        let file = try room.makeFile("a")
        try file.preallocate(size: 64 << 10)
        let map = try file.map(count: 64 << 10, isWritable: true)
        try map.write([1, 2, 3].span.bytes, at: 40 << 10)
        try file.truncate(to: 0)
        #expect(throws: DiskError.self) { try map.write([1, 2, 3].span.bytes, at: 40 << 10) }
        #expect(try file.size() == 0)
    }

    @Test(arguments: Bench.Kind.allCases, [Durability.commit, .system])
    private func writerOfAFileThatIsCutShortRefusesAndLives(kind: Bench.Kind, durability: Durability) throws {
        let bench = try Bench(kind, durability: durability)
        defer { bench.remove() }
        let log = try bench.open()
        for number in 1 ... 20 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        try bench.cut(kind.isFile ? bench.path : bench.path + "/segments/0000000001.segment", to: 0)
        #expect(throws: StoreError.self) {
            for number in 21 ... 600 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        }
        let found = Result { try log.numbers() }
        if case .failure(let error as StoreError) = found { #expect(error.code == .damaged) }
        #expect(throws: StoreError.self) { try log.closeBlocking() }
    }

    @Test(arguments: Bench.Kind.allCases)
    func readerOfAFileThatIsCutShortReportsDamageAndLives(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open()
        for number in 1 ... 60 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, noise: 9_000)]))
        }
        try log.closeBlocking()
        let reader = try bench.open(.readOnly)
        #expect(try reader.lastPositionBlocking() == 60)
        try bench.cut(kind.isFile ? bench.path : bench.path + "/segments/0000000001.segment", to: 16 << 10)
        let failure = #expect(throws: StoreError.self) { try reader.numbers() }
        #expect(failure?.code == .damaged)
    }
}
