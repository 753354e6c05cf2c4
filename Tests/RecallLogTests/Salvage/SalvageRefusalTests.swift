// What a salvage does not begin with: a destination that holds anything, a store that is in use, a path that is no store.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct SalvageRefusalTests {
    private static func code(_ body: () throws -> SalvageReport) -> StoreError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func destinationThatHoldsAnythingIsRefusedAndLeftAlone(kind: Bench.Kind) throws {
        let store = try SalvageStore(kind, commitCount: 10)
        defer { store.remove() }
        try store.disk.createDirectory(store.destination)
        let file = try store.disk.open(store.destination + "/letter.txt", .createNew)
        try file.write([1, 2, 3].span.bytes, at: 0)
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.destination, disk: store.disk) }
                == .invalidArgument)
        #expect(try store.disk.list(store.destination) == ["letter.txt"])
        #expect(
            Self.code {
                try Log.salvage(from: store.path, to: store.destination + "/letter.txt", disk: store.disk)
            } == .invalidArgument)
        try store.disk.delete(store.destination + "/letter.txt")
        #expect(
            try Log.salvage(from: store.path, to: store.destination, disk: store.disk).isComplete)
        // It is a store now, and no second salvage goes into it.
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.destination, disk: store.disk) }
                == .invalidArgument)
    }

    /// A store that lost its header looks like what a salvage left, but for the name that a salvage gives its own.
    @Test func storeWithoutAHeaderIsNoDestination() throws {
        let store = try SalvageStore(.simulated, commitCount: 10)
        let other = try Log.openBlocking(at: "/other", disk: store.disk)
        _ = try other.appendBlocking(Story.commit(1 ... 1, of: 1))
        try other.closeBlocking()
        try store.disk.delete("/other/store")
        #expect(
            Self.code { try Log.salvage(from: store.path, to: "/other", disk: store.disk) }
                == .invalidArgument)
        #expect(try store.disk.list("/other/segments").count == 1)
    }

    @Test(arguments: ["", "/", "/inside", "/./segments/deeper"])
    func destinationInTheStoreIsRefused(suffix: String) throws {
        let store = try SalvageStore(.simulated, commitCount: 10)
        let before = try store.files()
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.path + suffix, disk: store.disk) }
                == .invalidArgument)
        #expect(try store.files() == before)
    }

    @Test(arguments: Bench.Kind.allCases)
    func storeInUseIsRefused(kind: Bench.Kind) throws {
        let store = try SalvageStore(kind, commitCount: 10)
        defer { store.remove() }
        let log = try store.bench.open()
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.destination, disk: store.disk) }
                == .locked)
        #expect(try store.disk.kind(of: store.destination) == nil)
        try log.closeBlocking()
        // A reader is no hindrance.
        let reader = try store.bench.open(.readOnly)
        #expect(try Log.salvage(from: store.path, to: store.destination, disk: store.disk).isComplete)
        try reader.closeBlocking()
    }

    @Test func pathWithoutAStoreIsRefused() throws {
        let store = try SalvageStore(.simulated, commitCount: 10)
        try store.disk.createDirectory("/empty")
        for path in ["/nowhere", "/empty"] {
            #expect(
                Self.code { try Log.salvage(from: path, to: "/other", disk: store.disk) } == .notFound)
        }
        #expect(try store.disk.kind(of: "/other") == nil)
    }

    /// What a newer program wrote is not damage, and must not be copied as if half of it were lost.
    @Test(arguments: CopiedHeader.allCases)
    func storeOfANewerVersionIsRefused(header: CopiedHeader) throws {
        let store = try SalvageStore(.simulated)
        var bytes = Array(try store.bytes(of: header.rawValue).prefix(Format.headerSize))
        bytes[8] = 2
        let checksum = Checksum.crc32c(bytes.span.bytes.extracting(0 ..< Format.headerChecksumOffset))
        withUnsafeBytes(of: checksum.littleEndian) {
            bytes.replaceSubrange(Format.headerChecksumOffset..., with: $0)
        }
        try store.write(bytes, to: header.rawValue, at: 0)
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.destination, disk: store.disk) }
                == .unsupported)
        #expect(try store.disk.kind(of: store.destination) == nil)
    }

    @Test func fullDiskEndsASalvageAndTheNextOneBeginsAgain() throws {
        let store = try SalvageStore(.simulated)
        let disk = try #require(store.disk as? SimulatedDisk)
        disk.setCapacity(bytes: disk.usedBytes + (150 << 10))
        #expect(
            Self.code { try Log.salvage(from: store.path, to: store.destination, disk: disk) } == .unavailable
        )
        #expect(throws: StoreError.self) { try Log.openBlocking(at: store.destination, disk: disk) }
        disk.setCapacity(bytes: nil)
        let report = try Log.salvage(from: store.path, to: store.destination, disk: disk)
        try SalvageCheck.check(store, lost: [], report, "after a full disk")
    }
}
