// What a released format version wrote is read, verified and appended to by every later program. The stores are kept in
// Tests/RecallLogTests/Fixtures, with what they hold; those that are made anew here show that the writer still works.

import Foundation
import Recall
import RecallLog
import Testing

@Suite struct FixtureTests {
    /// Runs only where it is asked for, and writes only what is missing.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["RECALL_WRITE_FIXTURES"] == "1"))
    func missingFixturesAreWritten() throws {
        let missing = FixtureKind.allCases.map { FormatFixture(kind: $0) }.filter {
            !FileManager.default.fileExists(atPath: $0.folder.path)
        }
        #expect(!missing.isEmpty, "all are there, and none is written a second time")
        for fixture in missing { try FixtureWriter(kind: fixture.kind, folder: fixture.folder).write() }
    }

    @Test(arguments: FixtureKind.allCases)
    func nobodyHasTouchedAFixture(kind: FixtureKind) throws {
        let fixture = FormatFixture(kind: kind)
        #expect(try fixture.hashes() == fixture.manifest().files)
        #expect(throws: CocoaError.self) {
            try FixtureWriter(kind: kind, folder: fixture.folder).write()
        }
    }

    @Test(arguments: FixtureKind.allCases, FixtureLayout.allCases)
    func keptStoreIsReadVerifiedAndAppendedTo(kind: FixtureKind, layout: FixtureLayout) throws {
        try Self.check(FormatFixture(kind: kind), layout)
    }

    @Test(arguments: FixtureKind.allCases)
    func storeMadeAnewPassesTheSameChecks(kind: FixtureKind) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "recall-fixture-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FixtureWriter(kind: kind, folder: folder).write()
        for layout in FixtureLayout.allCases {
            try Self.check(FormatFixture(folder: folder, kind: kind), layout)
        }
    }

    private static func check(_ fixture: FormatFixture, _ layout: FixtureLayout) throws {
        let check = FixtureCheck(manifest: try fixture.manifest(), copy: try fixture.copy(layout))
        try check.read()
        try check.verify()
        try check.read()
        if check.manifest.damage.isEmpty { try check.append() } else { try check.refuseToAppend() }
    }
}
