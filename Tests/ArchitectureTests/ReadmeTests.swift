// The example of the README is a program of this package: what a reader copies has been compiled.

import Foundation
import Testing

@Suite struct ReadmeTests {
    @Test func exampleOfTheReadmeIsTheProgramThatIsBuilt() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let program = try String(
            contentsOf: root.appending(path: "Examples/ReadmeExample/main.swift"), encoding: .utf8)
        let example = try #require(readme.split(separator: "```swift\n").dropFirst().first)
            .split(separator: "```")[0]
        // The program opens with a comment, and an empty line behind it.
        let body = try #require(program.split(separator: "\n\n", maxSplits: 1).last)
        #expect(example.trimmingCharacters(in: .newlines) == body.trimmingCharacters(in: .newlines))
        #expect(example.split(separator: "\n", omittingEmptySubsequences: false).count < 41)
    }
}
