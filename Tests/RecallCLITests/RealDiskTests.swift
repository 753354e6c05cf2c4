// Stores on real file systems that do not do as asked: full ones, read-only ones, files of somebody else, links that lead
// elsewhere, names that nobody expects.

import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized) struct RealDiskTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func append(_ text: String, to store: String? = nil) throws -> RecallProgram.Outcome {
        try RecallProgram.run(["append", store ?? scratch.store, "--ack"], input: text, in: scratch)
    }

    /// Lines of a kilobyte that does not compress, so that a file system fills soon.
    private static func largeLines(_ count: Int, from first: Int = 0) -> String {
        var random = SystemRandomNumberGenerator()
        return (first ..< first + count).map { index in
            let bytes = (0 ..< 768).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            return EventLines.line("N\(index)", data: "\"\(Data(bytes).base64EncodedString())\"")
        }.joined()
    }

    /// Checks that a store holds lines 0, 1, … and at least as many as were acknowledged.
    private func expectWhole(
        _ store: String, _ outcome: RecallProgram.Outcome, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let replay = try RecallProgram.run(["replay", store], in: scratch)
        #expect(replay.status == 0, "\(replay.errors)", sourceLocation: sourceLocation)
        let types = try EventLines.texts("type", of: replay)
        #expect(types.count >= outcome.lines.count, sourceLocation: sourceLocation)
        #expect(types == types.indices.map { "N\($0)" }, sourceLocation: sourceLocation)
        let verification = try RecallProgram.run(["verify", store], in: scratch)
        #expect(verification.status == 0, "\(verification)", sourceLocation: sourceLocation)
    }

    // MARK: Full disks

    @Test(.enabled(if: MountedDisk.isPossible, "only who may mount can have a small file system"))
    func aFullFileSystemRefusesCommitsAndLosesNone() throws {
        let disk = try MountedDisk(bytes: 2 << 20, at: scratch.newPath("mount"))
        let store = disk.path + "/store"
        let outcome = try append(Self.largeLines(4000), to: store)
        expectAppendFailure(outcome, "no space is left on the disk")
        #expect(outcome.lines.count > 100)
        try expectWhole(store, outcome)
        // With more room the same store goes on.
        try disk.remount("size=\(64 << 20)")
        let stored = try RecallProgram.run(["replay", store], in: scratch).lines.count
        let more = try append(Self.largeLines(2000, from: stored), to: store)
        #expect(more.status == 0, "\(more.errors)")
        try expectWhole(store, more)
    }

    /// `ulimit -f`, which needs no rights: what makes a file longer than this fails.
    @Test func filesThatMayNotGrowRefuseCommitsAndLoseNone() throws {
        let input = scratch.newPath("in")
        try Data(Self.largeLines(4000).utf8).write(to: URL(fileURLWithPath: input))
        let program = try RunningProgram(
            ["append", scratch.store, "--ack"], inputPath: input, fileBlocksMax: 2048, in: scratch)
        let outcome = try program.wait()
        expectAppendFailure(outcome, "larger than the system allows")
        #expect(outcome.lines.count > 100)
        try expectWhole(scratch.store, outcome)
        let stored = try RecallProgram.run(["replay", scratch.store], in: scratch).lines.count
        let more = try append(Self.largeLines(10, from: stored))
        #expect(more.status == 0, "\(more.errors)")
        try expectWhole(scratch.store, more)
    }

    /// A full disk may come at any byte: here every size of a small file system, from one on which no store can be made.
    @Test(.enabled(if: MountedDisk.isPossible, "only who may mount can have a small file system"))
    func aStoreThatCouldNotBeMadeIsMadeLater() throws {
        for pageCount in 1 ..< 12 {
            let disk = try MountedDisk(bytes: pageCount * 4096, at: scratch.newPath("mount"))
            let store = disk.path + "/store"
            let outcome = try append(EventLines.line("N0"), to: store)
            expectFailure(outcome, 4, "no space is left on the disk")
            try disk.remount("size=\(4 << 20)")
            let more = try append(EventLines.line("N0"), to: store)
            #expect(more.status == 0, "\(pageCount) pages: \(more.errors)")
            try expectWhole(store, more)
        }
    }

    private func expectAppendFailure(
        _ outcome: RecallProgram.Outcome, _ part: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == 4, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.errors.contains(part), "\(outcome.errors)", sourceLocation: sourceLocation)
    }

    // MARK: Read-only file systems and rights

    @Test(.enabled(if: MountedDisk.isPossible, "only who may mount can have a read-only file system"))
    func aStoreOnAReadOnlyFileSystemCanBeReadAndNotWritten() throws {
        let disk = try MountedDisk(bytes: 4 << 20, at: scratch.newPath("mount"))
        let store = disk.path + "/store"
        #expect(try append(EventLines.line("N0"), to: store).status == 0)
        try disk.remount("ro")
        for command in ["replay", "verify", "inspect"] {
            let outcome = try RecallProgram.run([command, store], in: scratch)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        expectFailure(try append(EventLines.line("N1"), to: store), 4, "the file system is read-only")
        expectFailure(try append(EventLines.line("N1"), to: disk.path + "/new"), 4, "read-only")
    }

    /// Which file is closed to the program, and whether reading can do without it.
    @Test(
        .enabled(if: Rights.canBeTaken, "the superuser is refused nothing, and has nobody to become"),
        arguments: ["store", "lock", "segments", "segments/0000000001.segment"])
    func aFileThatMayNotBeReadIsNamed(_ name: String) throws {
        #expect(try append(EventLines.line("N0")).status == 0)
        try Rights.give(scratch.path)
        #expect(chmod("\(scratch.store)/\(name)", 0) == 0)
        for command in ["append", "replay", "verify"] {
            let outcome = try Rights.run([command, scratch.store], input: EventLines.line("N1"), in: scratch)
            #expect(outcome.status == 4, "\(command): \(outcome)")
            #expect(outcome.errors.contains("permission was denied"), "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains(scratch.store), "\(command): \(outcome.errors)")
        }
        #expect(chmod("\(scratch.store)/\(name)", 0o700) == 0)
        try expectWhole(scratch.store, try append(EventLines.line("N1")))
    }

    @Test(.enabled(if: Rights.canBeTaken, "the superuser is refused nothing, and has nobody to become"))
    func aStoreInAReadOnlyFolderCanBeReadAndNotWritten() throws {
        #expect(try append(EventLines.line("N0")).status == 0)
        try Rights.give(scratch.path)
        let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.store).map {
            "\(scratch.store)/\($0)"
        }
        for path in files.reversed() + [scratch.store] {
            #expect(chmod(path, try isDirectory(path) ? 0o500 : 0o400) == 0)
        }
        for command in ["replay", "verify", "inspect"] {
            let outcome = try Rights.run([command, scratch.store], in: scratch)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        let refused = try Rights.run(["append", scratch.store], input: EventLines.line("N1"), in: scratch)
        #expect(refused.status == 4, "\(refused)")
        #expect(refused.errors.contains("permission was denied"), "\(refused.errors)")
        for path in files + [scratch.store] { chmod(path, 0o700) }
        try expectWhole(scratch.store, try append(EventLines.line("N1")))
    }

    private func isDirectory(_ path: String) throws -> Bool {
        try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeDirectory
    }

    // MARK: Links and names

    @Test func aLinkToAStoreIsTheStore() throws {
        #expect(try append(EventLines.line("N0")).status == 0)
        let link = scratch.newPath("link")
        #expect(symlink(scratch.store, link) == 0)
        let outcome = try append(EventLines.line("N1"), to: link)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try expectWhole(link, outcome)
        try expectWhole(scratch.store, outcome)
    }

    @Test func aLinkToNothingIsNoStore() throws {
        let link = scratch.newPath("link")
        #expect(symlink(scratch.path + "/nothing", link) == 0)
        expectFailure(try append(EventLines.line("N0"), to: link), 4, link)
        expectFailure(try RecallProgram.run(["replay", link], in: scratch), 4, "There is no store")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/nothing"))
    }

    /// A store from elsewhere must not lead the program to other files, for reading or for writing.
    @Test(arguments: ["store", "lock", "segments", "indexes", "snapshots", "segments/0000000001.segment"])
    func aLinkInsideAStoreIsNotFollowed(_ name: String) throws {
        #expect(try append(EventLines.line("N0")).status == 0)
        let (inside, outside) = ("\(scratch.store)/\(name)", scratch.newPath("outside"))
        try FileManager.default.moveItem(atPath: inside, toPath: outside)
        #expect(symlink(outside, inside) == 0)
        let before = try contents(below: outside)
        for command in ["append", "replay", "verify"] {
            let outcome = try RecallProgram.run(
                [command, scratch.store], input: EventLines.line("N1"), in: scratch)
            #expect(outcome.status == 4, "\(command): \(outcome)")
            #expect(outcome.errors.contains("symbolic link"), "\(command): \(outcome.errors)")
        }
        #expect(try contents(below: outside) == before)
    }

    private func contents(below path: String) throws -> [String: Data] {
        guard try isDirectory(path) else { return ["": try Data(contentsOf: URL(fileURLWithPath: path))] }
        return try FileManager.default.subpathsOfDirectory(atPath: path).reduce(into: [:]) { all, name in
            all[name] = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
        }
    }

    /// `UInt64("+1")` is 1, so a copy under such a name was taken for the segment itself, and the store for damaged.
    @Test func filesThatAreNotTheStoresAreLeftAlone() throws {
        #expect(try append(EventLines.line("N0")).status == 0)
        let segment = scratch.store + "/segments/0000000001.segment"
        let strangers = [
            "segments/+000000001.segment", "segments/1.segment", "segments/0000000001.segment~",
            "segments/99999999999999999999999.segment", "segments/-1.segment", "segments/two\nlines.segment",
            "segments/.segment", "indexes/5-1.index", "indexes/\n.index",
            "indexes/0000000001-0000000001.index",
            "snapshots/x", "snapshots/\u{1F4A9}", "README", "segments/0000000002.segment.new",
        ]
        for name in strangers {
            try FileManager.default.copyItem(atPath: segment, toPath: "\(scratch.store)/\(name)")
        }
        // A name that is no text at all.
        let noText = scratch.store + "/segments/"
        var name = Array(noText.utf8CString.dropLast()) + [-1, -2, 0]
        #expect(close(open(&name, O_CREAT | O_WRONLY, 0o600)) == 0)
        let outcome = try append(EventLines.line("N1"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        try expectWhole(scratch.store, outcome)
        let left = try FileManager.default.subpathsOfDirectory(atPath: scratch.store)
        // What ends in .new is what a crash left unfinished.
        #expect(Set(strangers.filter { !$0.hasSuffix(".new") }).isSubset(of: Set(left)))
    }

    @Test(arguments: [
        " with spaces ", "new\nline", "-dash", "ümlaut 💥", "$(touch x)", "'quote\"", "..", ".", "a/../b",
        "s//t/",
        String(repeating: "x", count: 255),
    ])
    func aPathOfAnyCharactersNamesAStore(_ name: String) throws {
        if name == ".." || name == "." {
            // These are directories of somebody else's files.
            let outcome = try RecallProgram.run(["append", name], input: EventLines.line("N0"), in: scratch)
            expectFailure(outcome, 4, "is a directory without a store")
            return
        }
        for directory in ["a", "s"] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/\(directory)", withIntermediateDirectories: true)
        }
        let outcome = try RecallProgram.run(
            ["append", "--", name], input: EventLines.line("N0"), in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let replay = try RecallProgram.run(["replay", "--", name], in: scratch)
        #expect(replay.status == 0, "\(replay.errors)")
        #expect(replay.lines.count == 1)
    }

    @Test(arguments: [256, 5000])
    func aPathThatIsTooLongIsRefused(_ count: Int) throws {
        let outcome = try append(EventLines.line("N0"), to: String(repeating: "x", count: count))
        expectFailure(outcome, 2, "the path is too long")
    }
}
