// Rules of the house that a reader relies on and no compiler checks.

import Foundation
import Testing

@Suite struct HouseRuleTests {
    /// Files of the library and the program: what runs at a user's.
    private func sources() throws -> [SourceFile] { try SourceTree.files(below: "Sources") }

    @Test func everyFileOpensWithAComment() throws {
        for file in try SourceTree.sources() + SourceTree.files(below: "Tests") {
            #expect(
                file.lines.first?.hasPrefix("//") == true,
                "\(file): say on the first line what lives here and why")
        }
    }

    @Test func noFileIsLongerThanFourHundredLines() throws {
        for file in try sources() {
            // A file ends with a line break, so its last line is empty.
            #expect(file.lines.count - 1 <= 400, "\(file) has \(file.lines.count - 1) lines: divide it")
        }
    }

    @Test(arguments: ["fatalError(", "try!", "as!"])
    func nothingStopsTheProcess(forbidden: String) throws {
        for file in try sources() {
            for line in file.codeLines {
                #expect(!line.text.contains(forbidden), "\(file):\(line.number): \(forbidden)")
            }
        }
    }

    @Test(arguments: ["@unchecked Sendable", "nonisolated(unsafe)"])
    func whatTheCompilerCannotCheckIsArgued(promise: String) throws {
        for file in try sources() {
            for line in file.codeLines where line.text.contains(promise) {
                let before = file.lines.prefix(line.number - 1).last?.trimmingCharacters(in: .whitespaces)
                #expect(
                    before?.hasPrefix("//") == true,
                    "\(file):\(line.number): a comment above must say why \(promise) is right")
            }
        }
    }

    @Test func onlyTheDiskMakesSystemCallsOnFiles() throws {
        let forbidden = /\b(?:open|pread|pwrite|fsync|fdatasync|ftruncate|flock|mmap|unlink)\(/
        for file in try sources() where file.path.hasPrefix("Sources/RecallLog/") {
            if file.path.hasPrefix("Sources/RecallLog/Disk/") { continue }
            let modules = Set(file.imports.map(\.module))
            guard !modules.isDisjoint(with: ["Glibc", "Musl", "Darwin"]) else { continue }
            for line in file.codeLines {
                // Methods of the protocol may have the same names; they follow a dot or `func`.
                let text = line.text.replacing(/(?:\.|func )\w+\(/, with: "")
                #expect(text.firstMatch(of: forbidden) == nil, "\(file):\(line.number): goes past the disk")
            }
        }
    }
}
