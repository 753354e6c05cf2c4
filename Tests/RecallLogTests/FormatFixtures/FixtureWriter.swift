// Makes the stores of fixtures, each kind in both layouts. Those of a format version that is released are made once and never again:
// Fixtures/README.md says why.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

/// Writes one fixture.
struct FixtureWriter {
    let kind: FixtureKind
    /// Where the fixture's folder will be.
    let folder: URL

    /// - Throws: where the folder is there already: what a released program wrote is not to be replaced.
    func write() throws {
        let files = FileManager.default
        if files.fileExists(atPath: folder.path) { throw CocoaError(.fileWriteFileExists) }
        let unfinished = folder.appendingPathExtension("new")
        try? files.removeItem(at: unfinished)
        try FixtureWriter(kind: kind, folder: unfinished).fill()
        try files.moveItem(at: unfinished, to: folder)
    }

    private func fill() throws {
        let manifests = try FixtureLayout.allCases.map(write)
        // The layouts differ in nothing that the log says of them.
        var manifest = manifests[0]
        try #require(manifest == manifests[1])
        let fixture = FormatFixture(folder: folder, kind: kind)
        manifest.files = try fixture.hashes()
        try manifest.text().write(to: fixture.manifestURL)
    }

    private func write(_ layout: FixtureLayout) throws -> FixtureManifest {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let story = try FixtureStory(layout)
        defer { story.remove() }
        switch kind {
        case .closed:
            try story.session(1 ... 8) { $0.checkpointFrameCountMin = 1 }
            try story.session(9 ... 15) { $0.checkpointFrameCountMin = 1 }
        case .sealed: try writeSealed(story)
        case .damaged: try story.session(1 ... 12)
        case .crashed: try story.session(1 ... 8)
        }
        let kept = folder.appending(path: layout.rawValue)
        guard kind == .crashed else {
            let manifest = try story.manifest()
            try FileManager.default.copyItem(atPath: story.path, toPath: kept.path)
            guard kind == .damaged else { return manifest }
            return try damage(kept.path, manifest)
        }
        // A killed process leaves what is there while it runs, the page for readers among it.
        let log = try story.open()
        for number in 9 ... 12 { _ = try log.appendBlocking(FixtureEvents.commit(number)) }
        for result in try log.appendTogetherBlocking((13 ... 15).map { FixtureEvents.commit($0) }) {
            _ = try result.get()
        }
        try FileManager.default.copyItem(atPath: story.path, toPath: kept.path)
        try log.closeBlocking()
        var manifest = try story.manifest()
        try tear(kept.path)
        manifest.ending = "\(RecoveryCase.tornGroup)"
        manifest.events.removeAll { Self.isLostToTheCrash($0) }
        return manifest
    }

    /// Of the torn group, the first commit is whole.
    private static func isLostToTheCrash(_ event: FixtureManifest.Event) -> Bool {
        let lost = [14, 15].flatMap { FixtureEvents.commit($0).events.map { "\($0.id)" } }
        return lost.contains(event.id)
    }

    /// Segment 1 is rewritten, 2 to 4 are as they were appended; the indexes of all four are one.
    private func writeSealed(_ story: FixtureStory) throws {
        try story.session(1 ... 9, hasManySegments: true) {
            $0.isRewriting = true
            $0.rewriteGainMin = -1000
        }
        try story.session(10 ... 24, hasManySegments: true)
        try story.session(25 ... 37, hasManySegments: true) { configuration in
            configuration.checkpointFrameCountMin = 1
        } then: { log in
            for (number, root) in [(3, 0), (4, 1), (5, 2), (6, 3), (9, 1)] {
                let snapshot = FixtureEvents.snapshot(number, of: root, at: Position(UInt64(number)))
                try log.snapshotFiles.save(snapshot)
            }
            try log.snapshotFiles.remove(FixtureEvents.root(2))
        }
        let segments = try FixtureSegments(story.path)
        try #require(segments.headers.map(\.isRewritten) == [true, false, false, false, false])
        try #require(segments.headers.dropFirst().allSatisfy { $0.dictionarySize > 0 })
    }

    /// Changes bytes of the sixth commit, in its body.
    private func damage(_ path: String, _ manifest: FixtureManifest) throws -> FixtureManifest {
        let segments = try FixtureSegments(path)
        let commits = try segments.commits(of: 1)
        let link = try #require(commits.dropFirst(5).first)
        try segments.overwrite(link.frame.endOffset - 9, in: 1, with: [0xA5, 0x5A, 0xA5])
        var manifest = manifest
        manifest.ending = "\(RecoveryCase.rotProvedByWatermark)"
        let last = try #require(link.commit).lastPosition
        manifest.damage = [.init(segment: 1, first: link.frame.nextPosition, last: last)]
        return manifest
    }

    /// Zeros a part of the last but one commit, as if its sectors were never written.
    private func tear(_ path: String) throws {
        let segments = try FixtureSegments(path)
        let commits = try segments.commits(of: 1)
        let link = try #require(commits.dropLast().last)
        let count = link.frame.size / 2
        try segments.overwrite(
            link.frame.endOffset - count, in: 1, with: [UInt8](repeating: 0, count: count))
    }
}
