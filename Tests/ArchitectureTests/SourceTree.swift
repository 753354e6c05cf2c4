// The package's own source files as text, for the rules that no compiler checks.

import Foundation

/// A Swift file of the package.
struct SourceFile: Sendable, CustomStringConvertible {
    /// From the package's folder on, such as `Sources/Recall/Store/Commit.swift`.
    let path: String
    let lines: [String]

    var description: String { path }

    /// The target's folder name: the second component of the path.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// An import declaration.
struct ImportLine: Hashable, Sendable {
    var module: String
    /// The line above, without spaces: tells whether the import stands in an `#else`.
    var lineBefore: String
    var number: Int
}

enum SourceTree {
    static let packageURL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All Swift files below `Sources` and `Examples`.
    static func sources() throws -> [SourceFile] { try files(below: "Sources") + files(below: "Examples") }

    /// All Swift files below a folder of the package, sorted by path.
    static func files(below folder: String) throws -> [SourceFile] {
        let root = packageURL.appending(path: folder)
        guard let paths = FileManager.default.enumerator(atPath: root.path(percentEncoded: false)) else {
            throw CocoaError(.fileNoSuchFile)
        }
        let names = paths.compactMap { $0 as? String }.filter {
            // What was built there, and fetched for it, is not ours.
            $0.hasSuffix(".swift") && !$0.contains(".build")
        }
        return try names.sorted().map { path in
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return SourceFile(
                path: "\(folder)/\(path)",
                lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                    .map(String.init))
        }
    }
}

extension SourceFile {
    /// Every import, whatever its access level or attributes and in whichever `#if` it stands.
    var imports: [ImportLine] {
        let form =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return lines.enumerated().compactMap { index, line in
            guard line.contains("import"), let match = line.firstMatch(of: form) else { return nil }
            let before = index > 0 ? lines[index - 1].trimmingCharacters(in: .whitespaces) : ""
            return ImportLine(module: String(match.1), lineBefore: before, number: index + 1)
        }
    }

    /// The lines that are code, with their numbers: not those that are comments as a whole.
    var codeLines: [(number: Int, text: String)] {
        lines.enumerated().compactMap { index, line in
            line.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? nil : (index + 1, line)
        }
    }
}
