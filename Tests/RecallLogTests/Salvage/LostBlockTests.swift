// A block of 4 KiB is lost, wherever its sectors begin: a bad sector of today's drives, or a page of flash. It costs the frames in it, and
// nothing that stands twice.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct LostBlockTests {
    /// A closed store of several segments with dictionaries.
    private static func store(_ kind: Bench.Kind) throws -> SalvageStore { try SalvageStore(kind) }

    /// One bad sector had cost 88,667 events, since both copies of a header, a dictionary or a table could lie in it.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func lostBlockCostsTheFramesInIt(_ kind: Bench.Kind) throws {
        let store = try Self.store(kind)
        let disk = try #require(store.disk as? SimulatedDisk)
        let total = store.commits.reduce(0) { $0 + $1.events.count }
        for number in 1 ... store.segmentCount {
            let commits = store.commits(ofSegment: number)
            let end = try #require(commits.last).endOffset + 4096
            // Each block, and those that begin in the midst of one.
            let step = TestEffort.isWhole ? 3 : 13
            for sector in stride(from: 0, to: end / 512, by: step) {
                let hurt = disk.kill()
                let torn = SalvageStore(store, on: hurt)
                let place = try torn.place(of: store.segmentPath(number))
                let contents: [UInt8] = sector % 2 == 0 ? [0] : [0xA5, 0x21, 0x7F]
                try #require(
                    hurt.loseBlock(
                        atSector: place.offset / 512 + sector, of: place.path, contents: contents))
                let block = sector * 512 ..< sector * 512 + 4096
                let lost = commits.filter { ($0.offset ..< $0.endOffset).overlaps(block) }
                let comment: Comment = "segment \(number), sector \(sector)"
                let report = try Log.salvage(from: store.path, to: store.destination, disk: hurt)
                #expect(report.eventCount == total - lost.reduce(0) { $0 + $1.events.count }, comment)
                let verified = try Log.verify(at: store.path, disk: hurt)
                if !lost.isEmpty { #expect(!verified.isWhole, comment) }
                let log = try Log.openBlocking(at: store.path, access: .readOnly, disk: hurt)
                let read = Result { () throws(StoreError) in try log.allEvents() }
                switch read {
                case .success(let events): #expect(lost.isEmpty && events.count == total, comment)
                case .failure(let error): #expect(!lost.isEmpty && error.code == .damaged, comment)
                }
            }
        }
    }

    /// What leads to the segments: the store's header and marks, or the superblocks and tables of a single file.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func lostBlockOfWhatLeadsToTheSegmentsCostsNothing(_ kind: Bench.Kind) throws {
        let store = try Self.store(kind)
        let disk = try #require(store.disk as? SimulatedDisk)
        let file = kind.isFile ? store.path : store.path + "/store"
        let end = min(try #require(disk.contents(of: file)).count, 16 << 10)
        let total = store.commits.reduce(0) { $0 + $1.events.count }
        for sector in 0 ..< end / 512 {
            for contents: [UInt8] in [[0], [0xA5, 0x21, 0x7F]] {
                let hurt = disk.kill()
                #expect(hurt.loseBlock(atSector: sector, of: file, contents: contents))
                let log = try Log.openBlocking(at: store.path, access: .readOnly, disk: hurt)
                #expect(try log.allEvents().count == total, "sector \(sector)")
            }
        }
    }

    /// Of a store that was closed, nothing at its end is lost in silence, and an append goes on behind all that was there or is refused.
    @Test(arguments: [Bench.Kind.simulated, .simulatedFile])
    func lostBlockAtTheEndOfAClosedStoreIsNoticed(_ kind: Bench.Kind) throws {
        let store = try Self.store(kind)
        let disk = try #require(store.disk as? SimulatedDisk)
        let last = try #require(store.commits.last)
        let total = store.commits.reduce(0) { $0 + $1.events.count }
        for sector in last.offset / 512 - 8 ... last.endOffset / 512 {
            for contents: [UInt8] in [[0], [0xA5, 0x21, 0x7F]] {
                let hurt = disk.kill()
                let place = try SalvageStore(store, on: hurt).place(of: store.segmentPath(store.segmentCount))
                hurt.loseBlock(atSector: place.offset / 512 + sector, of: place.path, contents: contents)
                let isLost = store.commits(ofSegment: store.segmentCount).contains {
                    ($0.offset ..< $0.endOffset).overlaps(sector * 512 ..< sector * 512 + 4096)
                }
                do throws(StoreError) {
                    let log = try Log.openBlocking(at: store.path, access: .openExisting, disk: hurt)
                    // An index spares it the frames in front; what is lost there is found when it is read.
                    let receipt = try log.appendBlocking(Story.commit(9000 ... 9000, of: 1))
                    #expect(receipt.firstPosition.rawValue == UInt64(total + 1), "sector \(sector)")
                } catch {
                    #expect(error.code == .damaged && isLost, "sector \(sector): \(error)")
                }
            }
        }
    }
}
