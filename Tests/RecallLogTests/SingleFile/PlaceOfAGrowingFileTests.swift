// An append beside housekeeping latched the log: "was cut short while the store was open". The writer asked how long the file was, then
// what the durable table said; between the two, housekeeping had made the file longer and had written another table. Seen with the address
// sanitizer, on a busy machine.

import RecallLog
import RecallTestKit
import Synchronization
import Testing

@Suite struct PlaceOfAGrowingFileTests {
    private static let path = "/store.recall"

    /// A disk on which something happens just before or after a file has said what it is.
    private final class AskedDisk: ForwardingDisk {
        let base: any Disk = SimulatedDisk()
        let before = Mutex<(@Sendable () -> Void)?>(nil)
        let after = Mutex<(@Sendable () -> Void)?>(nil)

        /// What is to happen does so once.
        private func act(_ action: borrowing Mutex<(@Sendable () -> Void)?>) {
            let taken = action.withLock { action in
                defer { action = nil }
                return action
            }
            taken?()
        }

        func actBefore() { act(before) }
        func actAfter() { act(after) }

        final class File: ForwardingFile {
            let base: any DiskFile
            let disk: AskedDisk

            init(_ base: any DiskFile, of disk: AskedDisk) {
                self.base = base
                self.disk = disk
            }

            func status() throws(DiskError) -> DiskStatus {
                disk.actBefore()
                let status = try base.status()
                disk.actAfter()
                return status
            }
        }

        func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
            File(try base.open(path, mode), of: self)
        }
    }

    private func add(_ name: String, _ size: Int, to inside: SingleFileDisk) throws {
        let file = try inside.open(Self.path + "/" + name, .createNew)
        try file.preallocate(size: size)
        try inside.syncDirectory(Self.path)
    }

    private func store(on disk: AskedDisk) throws -> SingleFileDisk {
        try disk.base.open(Self.path, .createNew).sync()
        let inside = SingleFileDisk(Self.path, on: disk, isReadOnly: false)
        let lock = try inside.open(Self.path + "/lock", .readWrite)
        #expect(try lock.lockExclusively())
        try add("first", 100_000, to: inside)
        return inside
    }

    @Test func fileThatGrowsWhileItIsAskedIsUnchanged() throws {
        let disk = AskedDisk()
        let inside = try store(on: disk)
        let hasGrown = Mutex(false)
        disk.after.withLock { action in
            action = {
                #expect(throws: Never.self) { try add("second", 3 << 20, to: inside) }
                hasGrown.withLock { $0 = true }
            }
        }
        #expect(inside.place(tail: nil, at: Self.path) == .unchanged)
        #expect(hasGrown.withLock { $0 })
    }

    @Test func fileThatShrinksWhileItIsAskedIsUnchanged() throws {
        let disk = AskedDisk()
        let inside = try store(on: disk)
        try add("second", 3 << 20, to: inside)
        disk.before.withLock { action in
            action = {
                #expect(throws: Never.self) {
                    try inside.delete(Self.path + "/second")
                    try inside.syncDirectory(Self.path)
                    try inside.trim()
                }
            }
        }
        #expect(inside.place(tail: nil, at: Self.path) == .unchanged)
    }

    @Test func fileThatIsCutShortIsNoticedAllTheSame() throws {
        let disk = AskedDisk()
        let inside = try store(on: disk)
        try disk.base.open(Self.path, .readWrite).truncate(to: 50_000)
        #expect(inside.place(tail: nil, at: Self.path) == .cutShort(Self.path))
    }
}
