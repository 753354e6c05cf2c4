// Stores that a released format version wrote, kept for good in Tests/RecallLogTests/Fixtures. Tests only ever open copies.

import Foundation
import RecallLog

/// What happened to the store of a fixture.
enum FixtureKind: String, CaseIterable, Sendable {
    /// Two sessions, both closed; the tail has an index.
    case closed
    /// The process was killed in its second session; a group of three commits is torn in the second.
    case crashed
    /// Several segments with dictionaries, one of them rewritten; indexes of one and of several; snapshots.
    case sealed
    /// Closed, and then the bytes of one commit changed.
    case damaged
}

/// How the store of a fixture lies on the disk.
enum FixtureLayout: String, CaseIterable, Sendable {
    case directory = "store"
    case singleFile = "store.recall"
}

/// A kept store and what is known of it.
struct FormatFixture: Sendable {
    let folder: URL
    let kind: FixtureKind

    /// All of format version 1.
    private static let kept = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/v1")

    init(folder: URL, kind: FixtureKind) {
        self.folder = folder
        self.kind = kind
    }

    /// One that is kept.
    init(kind: FixtureKind) { self.init(folder: Self.kept.appending(path: kind.rawValue), kind: kind) }

    var manifestURL: URL { folder.appending(path: "manifest.json") }

    func manifest() throws -> FixtureManifest {
        try JSONDecoder().decode(FixtureManifest.self, from: Data(contentsOf: manifestURL))
    }

    /// A copy of the store, to be opened by a test.
    func copy(_ layout: FixtureLayout) throws -> FixtureCopy {
        try FixtureCopy(of: folder.appending(path: layout.rawValue), as: layout)
    }

    /// The hash of each file of both layouts, by its path in the fixture's folder.
    func hashes() throws -> [String: String] {
        var result: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let url = folder.appending(path: path)
            let isFile = try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            guard isFile, path != "manifest.json" else { continue }
            result[path] = FixtureManifest.hash(try Data(contentsOf: url))
        }
        return result
    }
}

/// A store of a test's own, removed with this object.
final class FixtureCopy: Sendable {
    let path: String
    private let folder: URL

    init(of store: URL, as layout: FixtureLayout) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "recall-fixture-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let copy = folder.appending(path: layout.rawValue)
        try FileManager.default.copyItem(at: store, to: copy)
        path = copy.path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
