// What only the real disk has: access rights, descriptors, and files that are no files. And the sentence
// that a user reads when a call fails.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct POSIXDiskTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int) ?? -1
    }

    #if os(Linux)
    /// A service whose files its group is to read sets the umask to 0027, and found files that only it could read.
    @Test func newItemsHaveTheModeThatTheUmaskLeaves() throws {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
        let mask = try #require(Int(line.split(separator: "\t").last ?? "", radix: 8))
        let room = try DiskUnderTest.posix.make()
        _ = try room.makeFile("file")
        try room.disk.createDirectory(room.path("dir"))
        #expect(try mode(room.path("file")) == 0o666 & ~mask)
        #expect(try mode(room.path("dir")) == 0o777 & ~mask)
    }
    #endif

    @Test func namedPipeIsRefusedWithoutWaitingForItsOtherEnd() throws {
        let room = try DiskUnderTest.posix.make()
        #expect(mkfifo(room.path("pipe"), 0o600) == 0)
        #expect(try room.disk.kind(of: room.path("pipe")) == .other)
        #expect(
            DiskConformanceTests.errorNumber { try room.disk.open(room.path("pipe"), .readOnly) } == EINVAL)
    }

    #if os(Linux)
    /// The open descriptors of this process that stand on files below a directory.
    private func descriptors(below directory: String) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(name)")
            return target?.contains(directory) == true ? Int32(name) : nil
        }
    }

    @Test func descriptorGoesWithItsFileAndIsNotInherited() throws {
        let room = try DiskUnderTest.posix.make()
        var file: (any DiskFile)? = try room.makeFile("a", [1])
        let map = try file?.map(count: 1, isWritable: false)
        let open = try descriptors(below: room.root)
        #expect(open.count == 1)
        #expect(open.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        try room.disk.syncDirectory(room.root)
        file = nil
        #expect(try descriptors(below: room.root) == [])
        #expect(map?.base.load(as: UInt8.self) == 1)
    }
    #endif

    @Test func preallocatedSpaceIsReserved() throws {
        let room = try DiskUnderTest.posix.make()
        let file = try room.makeFile("a")
        try file.preallocate(size: 1 << 20)
        var status = stat()
        #expect(lstat(room.path("a"), &status) == 0)
        #expect(status.st_size == 1 << 20)
        #expect(Int(status.st_blocks) * 512 >= 1 << 20)
    }

    static let meanings: [(Int32, StoreError.Code, String)] = [
        (ENOSPC, .unavailable, "free some space"), (EACCES, .unavailable, "access rights"),
        (ENOENT, .notFound, "check the path"), (EROFS, .unavailable, "read-only"),
        (EIO, .unavailable, "verify the store"), (EMFILE, .unavailable, "ulimit -n"),
        (ELOOP, .unavailable, "symbolic link"), (ENOTDIR, .unavailable, "not a directory"),
        (EDQUOT, .unavailable, "quota"), (EXDEV, .unavailable, "try again"),
    ]

    @Test(arguments: meanings)
    func failureSaysWhatAndWhereAndWhatToDo(number: Int32, code: StoreError.Code, part: String) {
        let cause = DiskError(call: "open", path: "/data/store", number: number)
        let error = StoreError(cause, doing: "open the store")
        #expect(error.code == code)
        #expect(error.message.hasPrefix("Could not open the store: /data/store: "))
        #expect(error.message.contains(part))
        #expect(error.message.hasSuffix("."))
        #expect(error.message.filter { $0 == "\n" }.isEmpty)
        #expect(error.cause as? DiskError == cause)
    }
}
