// Scripts build in one way, whose plan is the same each time.

import Foundation
import Testing

@Suite struct ScriptTests {
    /// SwiftPM once wrote the traits that are on in the order of a hash with a new seed for each process: in every second run each
    /// script built everything again, which cost CI five minutes.
    @Test func everyScriptBuildsThroughTheOneFunction() throws {
        let root = SourceTree.packageURL
        let folder = root.appendingPathComponent("scripts")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let scripts = names.filter { $0 != "lib" }.map { folder.appendingPathComponent($0) }
        var builds = 0
        for script in scripts + [root.appendingPathComponent(".ci/run")] {
            let lines = try String(contentsOf: script, encoding: .utf8).split(separator: "\n")
            let commands = lines.filter { !$0.drop { $0 == " " }.hasPrefix("#") }
            let bare = commands.filter { $0.contains(/\bswift build\b/) }
            #expect(bare.isEmpty, "\(script.lastPathComponent) builds by itself: \(bare)")
            builds += commands.count { $0.contains(/\bswift_build\b/) }
        }
        #expect(builds >= 10)
    }
}
