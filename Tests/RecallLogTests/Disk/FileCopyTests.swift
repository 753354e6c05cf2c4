// A file read into memory around what the medium does not give back: pieces become smaller down to a page, and no smaller.

import Foundation
import RecallLog
import RecallTestKit
import Testing

@Suite struct FileCopyTests {
    private static let page = 4096
    /// Somewhat more than the largest piece.
    private static let size = 5 << 18

    /// A file of bytes that are never zero, with ranges lost for good.
    private static func disk(_ lost: [Range<Int>], seed: UInt64? = nil) throws -> (SimulatedDisk, [UInt8]) {
        var options = SimulatedDisk.Options()
        options.transferSeed = seed
        let disk = SimulatedDisk(options: options)
        let bytes = (0 ..< size + 100).map { UInt8(truncatingIfNeeded: $0 % 251 + 1) }
        try disk.put(bytes, at: "/a")
        for range in lost { disk.loseForGood(range, of: "/a") }
        return (disk, bytes)
    }

    struct Loss: Sendable {
        var lost: [Range<Int>]
        var unreadable: [Range<Int>]
    }

    static let losses = [
        Loss(lost: [], unreadable: []),
        Loss(lost: [0 ..< 1], unreadable: [0 ..< page]),
        Loss(lost: [page - 1 ..< page + 1], unreadable: [0 ..< 2 * page]),
        Loss(
            lost: [70_000 ..< 70_001, 90_000 ..< 90_001],
            unreadable: [17 * page ..< 18 * page, 21 * page ..< 22 * page]),
        // On both sides of a large piece's end.
        Loss(lost: [(1 << 20) - 1 ..< (1 << 20) + 1], unreadable: [(1 << 20) - page ..< (1 << 20) + page]),
        Loss(lost: [0 ..< 1 << 20], unreadable: [0 ..< 1 << 20]),
        // The last piece is shorter than a page.
        Loss(lost: [size + 50 ..< size + 51], unreadable: [size ..< size + 100]),
        Loss(lost: [0 ..< size + 100], unreadable: [0 ..< size + 100]),
    ]

    @Test(arguments: losses, [nil, 7] as [UInt64?])
    func allIsCopiedButThePagesThatAreLost(loss: Loss, seed: UInt64?) throws {
        let (disk, bytes) = try Self.disk(loss.lost, seed: seed)
        let copy = try FileCopy(disk.open("/a", .readOnly), upTo: .max)
        var expected = bytes
        for range in loss.unreadable {
            expected.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
        }
        #expect(copy.unreadable == loss.unreadable)
        #expect(copy.count == bytes.count)
        // A million bytes are not to be compared for the message.
        let isCopied = copy.withBytes { $0.withUnsafeBytes { Array($0) } } == expected
        #expect(isCopied)
        #expect(copy.dataEnd <= copy.count)
        let isRestZero = expected[copy.dataEnd...].allSatisfy { $0 == 0 }
        #expect(isRestZero)
    }

    /// Ranges are counted from where the copy begins, and pieces from where the file does, as the medium's pages are.
    @Test func partIsReadInThePagesOfTheFile() throws {
        let (disk, bytes) = try Self.disk([2 * Self.page + 9 ..< 2 * Self.page + 10])
        let start = Self.page + 1000
        let copy = try FileCopy(disk.open("/a", .readOnly), from: start, upTo: 3 * Self.page)
        #expect(copy.unreadable == [Self.page - 1000 ..< 2 * Self.page - 1000])
        #expect(copy.count == 3 * Self.page)
        let found = copy.withBytes { $0.withUnsafeBytes { Array($0) } }
        #expect(found.prefix(Self.page - 1000) == bytes[start ..< 2 * Self.page])
        #expect(found.suffix(Self.page + 1000) == bytes[3 * Self.page ..< 4 * Self.page + 1000])
        #expect(try FileCopy(disk.open("/a", .readOnly), from: bytes.count + 5, upTo: 10).count == 0)
    }

    @Test func sectorsAreReadBesideEachOtherWhereThatIsAskedFor() throws {
        let (disk, _) = try Self.disk([600 ..< 601])
        let file = try disk.open("/a", .readOnly)
        #expect(try FileCopy(file, upTo: 1024, pieceMin: 512).unreadable == [512 ..< 1024])
        #expect(try FileCopy(file, upTo: 1024).unreadable == [0 ..< 1024])
    }

    /// Each call of a medium that fails takes long.
    @Test func fewCallsAreMadeInVain() throws {
        let (disk, _) = try Self.disk([70_000 ..< 70_001])
        let file = try disk.open("/a", .readOnly)
        let before = disk.operationCount
        _ = try FileCopy(file, upTo: Self.size)
        #expect(disk.trace.suffix(disk.operationCount - before).filter { $0.errorNumber == EIO }.count == 3)
    }

    @Test func anotherErrorIsNoLoss() throws {
        let (disk, _) = try Self.disk([])
        let file = try disk.open("/a", .readOnly)
        disk.plan(SimulatedFault(.read, occurrence: 2, number: ENOMEM))
        #expect(DiskConformanceTests.errorNumber { try FileCopy(file, upTo: Self.size) } == ENOMEM)
    }

    @Test func nothingCanBeWrittenToACopy() throws {
        let (disk, _) = try Self.disk([])
        let copy = try FileCopy(disk.open("/a", .readOnly), upTo: 100)
        #expect(DiskConformanceTests.errorNumber { try copy.write([1].span.bytes, at: 0) } == EINVAL)
    }
}
