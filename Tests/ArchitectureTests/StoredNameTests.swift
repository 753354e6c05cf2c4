// Names, tags, keys and values that are stored are compared by their bytes. Swift's strings are equal when they look the
// same, and one `Set<String>` of event types made a filter give events of another type: so text that is stored is
// compared through the types of `Name`, or through `hasSameBytes` and `hasBytes(before:)`, and never as a string.

import Foundation
import Testing

@Suite struct StoredNameTests {
    /// The targets that keep, read or pass on what an application names.
    static let targets = [
        "Recall", "RecallLog", "RecallRedis", "RecallMemcached", "RecallAMQP", "RecallCLI",
    ]

    /// Strings as keys or in sets, each with what makes it right: none of them is a stored name.
    static let exceptions: [String: String] = [
        "Sources/Recall/State/ShapeNode.swift": "the fields of Swift types, as the compiler spells them",
        "Sources/Recall/State/StateNode.swift": "the fields of Swift types, as the compiler spells them",
        "Sources/Recall/State/StateTree.swift": "the fields of Swift types, as the compiler spells them",
        "Sources/Recall/Replay/PlayerReport.swift": "handlers, whose names are made unlike by their list",
        "Sources/Recall/Store/EventMetadata.swift": "takes a dictionary that a caller has made",
        "Sources/RecallCLI/SelfTest/StoredFiles.swift": "names of files that the engine chose",
        "Sources/RecallLog/Layout/SingleFile/SingleFileState.swift": "names of files that the engine chose",
        "Sources/RecallLog/Layout/StoreDirectory.swift": "names of files that the engine chose",
    ]

    /// What compares or orders the text of a name. Most lines have none of the words, and a search for a word takes a hundredth of a pattern's time.
    private static func comparesText(_ line: String) -> Bool {
        guard line.contains(".rawValue") || line.contains(".sorted") else { return false }
        let name = /(?:^|[^\w])(?:\w*[tT]ype|\w*[nN]ame|\w*[tT]ag|\w*[kK]ey|json|binary)\.rawValue/
        let before = /(?:==|!=|<=|>=|<|>|~=)\s*\S*(?:[tT]ype|[nN]ame|[tT]ag|[kK]ey|json|binary)\.rawValue/
        let after = /(?:[tT]ype|[nN]ame|[tT]ag|[kK]ey|json|binary)\.rawValue\s*(?:==|!=|<=|>=|<\s|>\s)/
        guard line.contains(name) else { return line.contains(/metadata\.values\.sorted|\btags\.sorted\(by/) }
        return line.contains(before) || line.contains(after)
    }

    /// What holds strings by how they look.
    private static func holdsText(_ line: String) -> Bool {
        line.contains("String") && line.contains(/Set<String>|\[String: |Dictionary<String,/)
            && !line.contains("environment")
    }

    @Test(arguments: targets)
    func noTextOfANameIsCompared(target: String) throws {
        for file in try SourceTree.files(below: "Sources/\(target)") {
            for line in file.codeLines {
                #expect(
                    !Self.comparesText(line.text),
                    "\(file):\(line.number): compare the names themselves, which are their bytes")
            }
        }
    }

    @Test(arguments: targets)
    func noStringIsAKeyOfWhatIsStored(target: String) throws {
        for file in try SourceTree.files(below: "Sources/\(target)")
        where Self.exceptions[file.path] == nil {
            for line in file.codeLines {
                #expect(
                    !Self.holdsText(line.text),
                    "\(file):\(line.number): use a Name for the key, or say in this test why it is no stored name"
                )
            }
        }
    }

    /// An exception that nothing needs would hide what is written later.
    @Test func everyExceptionIsNeeded() throws {
        for (path, _) in Self.exceptions {
            let file = try #require(
                try SourceTree.files(below: "Sources").first { $0.path == path }, "there is no \(path)")
            #expect(
                file.codeLines.contains { Self.holdsText($0.text) }, "\(path): take it out of the exceptions")
        }
    }

    @Test func formsOfComparisonAreRecognised() {
        let bad = [
            "if event.type.rawValue == other.type.rawValue {", "guard name.rawValue != \"a\" else {",
            "where \"a\" == event.contentType.rawValue",
            "events.sorted { $0.type.rawValue < $1.type.rawValue }",
            "for (key, value) in event.metadata.values.sorted(by: { $0.key < $1.key }) {",
            "return name == ContentType.json.rawValue || name.hasSuffix(\"+json\")",
        ]
        let good = [
            "guard event.position.rawValue == position else {", "writer.string(event.type.rawValue)",
            "if event.type == other.type {", "let count = tag.rawValue.utf8.count",
        ]
        for line in bad { #expect(Self.comparesText(line), "\(line)") }
        for line in good { #expect(!Self.comparesText(line), "\(line)") }
        #expect(Self.holdsText("var wanted: Set<String> = []"))
        #expect(Self.holdsText("var counts: [String: Int] = [:]"))
        #expect(!Self.holdsText("var counts: [EventType: Int] = [:]"))
    }
}
