// A backup was refused where the path of its destination began with that of the store, and nowhere else: through a symbolic link, a hard
// link or another spelling it went into the very store that it read. And `planet.RECALL` was taken for a directory.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct StoreExtentTests {
    private static func refused(_ bench: Bench, to path: String) -> Bool {
        do throws(StoreError) {
            _ = try Log.backup(at: bench.path, on: bench.disk, to: path)
            return false
        } catch {
            return error.message.contains("is the store that is backed up, or inside of it")
        }
    }

    @Test(arguments: [Bench.Kind.real, .realFile])
    func backupIntoTheStoreIsRefusedByAnyName(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        try log.closeBlocking()
        let other = bench.newPath("link")
        defer { bench.removeItem(other) }
        var names = [bench.path, bench.path + "/", bench.path + "/.", bench.path + "/below"]
        names.append(
            (bench.path as NSString).deletingLastPathComponent + "/./"
                + (bench.path as NSString).lastPathComponent)
        if kind.isFile {
            #expect(link(bench.path, other) == 0)
            names.append(other)
        } else {
            #expect(symlink(bench.path, other) == 0)
            names += [other, other + "/new", other + "/segments", bench.path + "/segments/../new"]
        }
        for name in names { #expect(Self.refused(bench, to: name), "\(name)") }
        #expect(try bench.open(.readOnly).numbers() == [1])
    }

    /// A copy that consists of links to the store's files has its lock, too.
    @Test func backupIntoLinksOfTheStoresFilesIsRefused() throws {
        let bench = try Bench(.real)
        defer { bench.remove() }
        let log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        let other = bench.newPath("links")
        defer { bench.removeItem(other) }
        try bench.disk.createDirectory(other)
        for name in ["store", "lock"] { #expect(link("\(bench.path)/\(name)", "\(other)/\(name)") == 0) }
        #expect(Self.refused(bench, to: other))
        _ = try log.appendBlocking(Story.commit(2 ... 2, of: 1))
        try log.closeBlocking()
    }

    @Test(arguments: ["planet.RECALL", "planet.Recall", "planet.recall"])
    func aSingleFileIsToldByItsEndingInAnyCase(name: String) throws {
        #expect(StoreDisk.isFileName(name))
        let disk = SimulatedDisk()
        let log = try Log.openBlocking(at: "/" + name, disk: disk)
        try log.closeBlocking()
        #expect(try disk.kind(of: "/" + name) == .file)
        #expect(!StoreDisk.isFileName("recall") && !StoreDisk.isFileName("a.recal\u{0E}"))
    }
}
