// The oldest systems of Apple's that the package is for, held by name: nothing here can build for them, and the compiler of another
// system does not say what an API asks for there. docs/platforms.md has the table with the reasons.

import Foundation
import Testing

@Suite struct PlatformTests {
    /// Everything that is compiled at a user's, and what measures and fuzzes it.
    private func sources() throws -> [SourceFile] {
        try SourceTree.sources() + SourceTree.files(below: "Benchmarks/Sources")
            + SourceTree.files(below: "Fuzz/Sources")
    }

    /// What asks for macOS 26 and iOS 26, as the interfaces of the standard library say, or for more than macOS 15.0 and iOS 18.0.
    private static let forbidden = [
        "UTF8Span", "utf8Span", "utf8.span", "InlineArray", "<let ", "UTF8.ValidationError", ".mutableSpan",
        "Task.immediate",
        "addImmediateTask", "Task(name:", "Task.name", "isolated deinit", "Observations",
        "withTaskPriorityEscalationHandler",
        // A collection there, a sequence alone before.
        "enumerated().reversed", "enumerated().count", "enumerated().isEmpty", "enumerated().dropFirst",
        "enumerated().dropLast", "enumerated().prefix", "enumerated().suffix", "enumerated().last",
        "enumerated().lazy",
    ]

    @Test func nothingAsksForANewerSystem() throws {
        for file in try sources() {
            for name in Self.named(in: file.codeLines.map(\.text)) {
                Issue.record(
                    "\(file): \(name) asks for a newer system than Package.swift names: docs/platforms.md says what to use"
                )
            }
        }
    }

    private static func named(in lines: [String]) -> [String] {
        let text = lines.joined(separator: "\n")
        let inlineArray = lines.contains { $0.contains(" of ") && $0.contains(/\[[0-9]+ of [A-Z]/) }
        return forbidden.filter { text.contains($0) } + (inlineArray ? ["[N of T]"] : [])
    }

    /// `Array.span` asks for macOS 26 and iOS 26, that of slices, of `ContiguousArray` and of pointers for nothing. A text has no types, so
    /// a span is taken of a name that is given, in the same file, to one of these, or to data.
    @Test func noSpanIsTakenOfAnArray() throws {
        for file in try sources() {
            for line in file.codeLines where line.text.contains(".span") {
                for match in line.text.matches(of: /([\w.$)]+)\.span(?!\w)/) {
                    let receiver = String(match.1)
                    #expect(
                        isBackDeployed(receiver, in: file, line.text),
                        "\(file):\(line.number): \(receiver).span asks for macOS 26 where it is an Array: take it of a slice ([...]) or of a ContiguousArray that stands in a constant of its own, or in withUnsafeBufferPointer"
                    )
                }
            }
        }
    }

    private func isBackDeployed(_ receiver: String, in file: SourceFile, _ line: String) -> Bool {
        if receiver == "$0" || line.contains("bindMemory(to: UInt8.self).span") { return true }
        guard let name = receiver.split(separator: ".").last else { return false }
        // Payloads are data.
        if name == "payload" { return true }
        let declared = file.codeLines.contains { declaration in
            let text = declaration.text
            guard text.contains(" let \(name) = ") else { return false }
            return text.contains("[...]") || text.contains("ContiguousArray") || text.contains(".dropFirst(")
        }
        return declared || file.codeLines.contains { $0.text.contains("_ \(name): Data)") }
    }

    @Test func rulesRecogniseWhatTheyForbid() throws {
        let file = SourceFile(
            path: "Sources/Recall/A.swift",
            lines: ["let bytes = [UInt8](text)", "    let slice = bytes[...]", "func read(_ input: Data) {"])
        #expect(!isBackDeployed("bytes", in: file, "use(bytes.span)"))
        #expect(isBackDeployed("slice", in: file, "use(slice.span)"))
        #expect(isBackDeployed("input", in: file, "use(input.span)"))
        #expect(!isBackDeployed("Array(text.utf8)", in: file, "use(Array(text.utf8).span)"))
        for line in [
            "UTF8Span(validating: a)", "f(a.utf8Span)", "InlineArray<3, Int>", "let a: [3 of Int]",
            "struct A<let n: Int>",
        ] {
            #expect(!Self.named(in: ["let a = 1", line]).isEmpty, "\(line)")
        }
        #expect(Self.named(in: ["let span = slice.span", "for (n, a) in b.enumerated() {"]).isEmpty)
    }

    /// The manifests and the pages say the same.
    @Test(arguments: ["Package.swift", "Tests/Consumer/Package.swift", "README.md", "docs/platforms.md"])
    func placesAgreeOnThePlatforms(path: String) throws {
        let text = try String(contentsOf: SourceTree.packageURL.appending(path: path), encoding: .utf8)
        let names =
            path.hasSuffix(".swift") ? [".macOS(\"15.0\")", ".iOS(\"18.0\")"] : ["macOS 15", "iOS 18"]
        for name in names { #expect(text.contains(name), "\(path) does not say \(name)") }
    }
}
