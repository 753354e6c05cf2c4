// A folder is a floor: it names only what lies below it. What is read here is text, so a name counts where it stands in code, and not in a
// comment or a string.

import Foundation
import Testing

@Suite struct FolderTests {
    /// The floors of a target, the lowest first. A folder names types of those before it, and of no other.
    static let floors: [String: [String]] = [
        "Recall": [
            // What is stored, and what stores do.
            "Store", "State", "Waiting", "EventLines", "Memory", "Settings",
            // What an event is, and how it becomes bytes.
            "Coding",
            // Entities and their graphs.
            "Domain",
            // Where events go.
            "Routing", "Replay", "Relay",
            // Loading, changing and saving.
            "Repository", "Decider",
            // What a program knows, given to all of these at once.
            "Knowledge",
        ]
    ]

    @Test(arguments: floors.keys.sorted())
    func everyFolderNamesOnlyWhatLiesBelowIt(target: String) throws {
        let order = try #require(Self.floors[target])
        let files = try SourceTree.files(below: "Sources/\(target)").map { Room($0) }
        let rooms = Set(files.map(\.name))
        #expect(rooms.subtracting(order) == [], "give each folder of \(target) its floor in this test")
        #expect(Set(order).subtracting(rooms) == [], "take folders that are gone out of this test")
        for arrow in Self.arrows(of: files) {
            guard let from = order.firstIndex(of: arrow.from), let to = order.firstIndex(of: arrow.to) else {
                continue
            }
            #expect(
                to < from,
                "\(arrow.path) names \(arrow.type), which \(arrow.to) declares above it: move one of them, or turn the arrow round"
            )
        }
    }

    /// A name that one folder declares and another uses.
    private struct Arrow {
        var from: String
        var to: String
        var path: String
        var type: String
    }

    /// A file by its folder, with what it declares and what it names.
    private struct Room {
        let name: String
        let path: String
        let declared: Set<String>
        let named: Set<String>

        init(_ file: SourceFile) {
            let parts = file.path.split(separator: "/")
            name = parts.count > 3 ? String(parts[2]) : "."
            path = file.path
            let text = file.codeLines.map { line in
                line.text.replacing(/"(?:\\.|[^"\\])*"/, with: "").replacing(/\/\/.*/, with: "")
            }
            declared = Set(text.compactMap { Self.declaration(in: $0) })
            named = Set(text.flatMap { $0.matches(of: /\b[A-Z]\w+/).map { String($0.output) } })
        }

        /// The type that a line declares at the left margin: one inside of another is reached through it.
        private static func declaration(in line: String) -> String? {
            guard let first = line.first, first.isLetter || first == "@" else { return nil }
            let form =
                /^(?:(?:public|package|internal|private|fileprivate|final|indirect|@\w+(?:\([^)]*\))?)\s+)*(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w+)/
            return line.firstMatch(of: form).map { String($0.1) }
        }
    }

    private static func arrows(of files: [Room]) -> [Arrow] {
        var homes: [String: String] = [:]
        for file in files {
            for type in file.declared where homes[type] == nil { homes[type] = file.name }
        }
        return files.flatMap { file in
            file.named.sorted().compactMap { type in
                guard let home = homes[type], home != file.name else { return nil }
                return Arrow(from: file.name, to: home, path: file.path, type: type)
            }
        }
    }

    @Test func namesInCodeAreArrowsAndOthersAreNot() {
        func file(_ path: String, _ text: String) -> Room {
            Room(SourceFile(path: "Sources/A/\(path)", lines: text.split(separator: "\n").map(String.init)))
        }
        let files = [
            file("Low/One.swift", "public struct One {}\nenum Other: Sendable {}\n    struct Inner {}"),
            file(
                "High/Two.swift",
                "final class Two {\n  let a: One // Other\n  let b = \"Other\" + \"\\\"Other\"\n}"),
            file("High/Three.swift", "// Other\nlet c: Inner\n"),
        ]
        let arrows = Self.arrows(of: files)
        #expect(arrows.map(\.type) == ["One"])
        #expect(arrows.first?.from == "High" && arrows.first?.to == "Low")
    }
}
