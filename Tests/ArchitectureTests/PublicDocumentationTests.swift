// What a user of the library can call or read has a documentation comment. The compiler does not ask for
// one, and a declaration without one leaves units, errors and durability to be guessed.

import Foundation
import Testing

@Suite struct PublicDocumentationTests {
    /// The targets that are products. The program is documented in docs/cli.md.
    static let targets = [
        "Recall", "RecallLog", "RecallRedis", "RecallMemcached", "RecallAMQP", "RecallConfiguration",
        "RecallTestKit", "RecallTesting",
        "RecallProbes", "RecallAdapterProbes",
    ]

    /// How declarations begin, from their keyword on, whose contract is wholly the standard library's: a
    /// comment could only repeat it. Witnesses of Recall's own protocols are not among them, since each
    /// type has something to add, such as what is durable on return.
    static let exemptions = [
        "func ==", "func <", "func hash(into ", "func encode(to ", "init(from ",
        "var description: String", "let rawValue: ", "init(rawValue: ",
        "init(stringLiteral ", "init(integerLiteral ", "init(floatLiteral ", "init(booleanLiteral ",
        "init(nilLiteral: ", "init(arrayLiteral ", "init(dictionaryLiteral ",
        "func makeAsyncIterator(", "func next(", "var underestimatedCount: ",
    ]

    @Test(arguments: targets)
    func everyPublicDeclarationIsDocumented(target: String) throws {
        for file in try SourceTree.files(below: "Sources/\(target)") {
            for declaration in file.publicDeclarations where !declaration.isDocumented {
                if Self.exemptions.contains(where: declaration.text.hasPrefix) { continue }
                Issue.record(
                    "\(file):\(declaration.number): write a documentation comment for \(declaration.text)")
            }
        }
    }

    /// An exemption that nothing needs would hide what is written later.
    @Test func everyExemptionIsNeeded() throws {
        let undocumented = try Self.targets.flatMap { try SourceTree.files(below: "Sources/\($0)") }
            .flatMap(\.publicDeclarations).filter { !$0.isDocumented }
        for exemption in Self.exemptions {
            #expect(
                undocumented.contains { $0.text.hasPrefix(exemption) },
                "nothing begins with \"\(exemption)\": take it out of the list")
        }
    }

    /// In a `public extension` members are public without saying so, and would pass unseen.
    @Test(arguments: targets)
    func publicIsWrittenAtEachMember(target: String) throws {
        for file in try SourceTree.files(below: "Sources/\(target)") {
            for line in file.codeLines {
                #expect(
                    !line.text.contains("public")
                        || line.text.firstMatch(of: /^\s*public\s+extension\b/) == nil,
                    "\(file):\(line.number): write public at the members and not at the extension")
            }
        }
    }

    @Test func formsOfDeclarationsAreRecognised() {
        let file = SourceFile(
            path: "Sources/Recall/A.swift",
            lines: """
                public import A
                public import struct A.B
                /// Documented.
                @frozen
                public struct S {
                    public private(set) var a: Int
                    /// Documented.
                    @inlinable public func b() {}
                    // No documentation.
                    public init?(c: Int) {}
                    public static func == (left: S, right: S) -> Bool { true }
                    let hidden = "public var"
                    /// Documented.

                    public subscript(d: Int) -> Int { 0 }
                }
                public indirect enum E {
                    case f
                    /// Documented.
                    case g(E)
                    var h: Int {
                        switch self {
                        case .f: 0
                        }
                    }
                }
                enum Hidden {
                    case i
                }
                public protocol P:
                    Sendable
                {
                    associatedtype J
                    mutating func k()
                    /// Documented.
                    var l: Int { get }
                }
                extension E {
                    public final class M {}
                    func n() {}
                }
                public enum O { case p, q }
                """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        #expect(
            file.publicDeclarations.filter { !$0.isDocumented }.map(\.text) == [
                "var a: Int", "init?(c: Int) {}", "func == (left: S, right: S) -> Bool { true }",
                "subscript(d: Int) -> Int { 0 }", "enum E {", "case f", "protocol P:", "associatedtype J",
                "func k()", "class M {}", "enum O { case p, q }",
            ])
        #expect(
            file.publicDeclarations.filter(\.isDocumented).map(\.text) == [
                "struct S {", "func b() {}", "case g(E)", "var l: Int { get }",
            ])
    }
}

/// A declaration that a user of the library sees.
struct PublicDeclaration: Hashable, Sendable {
    /// The line that it begins on, from its keyword on: without attributes, access and modifiers.
    var text: String
    var number: Int
    /// Whether the line before it, or before its attributes, belongs to a documentation comment.
    var isDocumented: Bool
}

extension SourceFile {
    /// Everything that says `public`, with the cases of public enumerations and the requirements of public
    /// protocols, which are public without saying so. Relies on the indentation that the formatter checks.
    var publicDeclarations: [PublicDeclaration] {
        let form =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*public\s+(?!import\b)(?:\w+(?:\(set\))?\s+)*?((?:func|init|struct|enum|protocol|class|actor|var|let|typealias|subscript|case|macro)\b.*)/
        let memberForm =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:static|mutating|nonmutating|indirect)\s+)*((?:func|init|var|subscript|case|associatedtype)\b.*)/
        var found: [PublicDeclaration] = []
        // The public enumerations and protocols that the line is in.
        var containers: [(indentation: Int, isProtocol: Bool)] = []
        for (index, line) in lines.enumerated() {
            let indentation = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indentation)
            if text.isEmpty || text.hasPrefix("//") { continue }
            if text.hasPrefix("}"), containers.last?.indentation == indentation { containers.removeLast() }
            var declaration = line.contains("public") ? line.firstMatch(of: form)?.1 : nil
            if let declaration, !line.hasSuffix("}"),
                declaration.hasPrefix("enum ") || declaration.hasPrefix("protocol ")
            {
                containers.append((indentation, declaration.hasPrefix("protocol ")))
            } else if declaration == nil, let container = containers.last,
                container.indentation == indentation - 4, let member = line.firstMatch(of: memberForm)?.1
            {
                // Members of an enumeration other than its cases say themselves whether they are public.
                if container.isProtocol || member.hasPrefix("case ") { declaration = member }
            }
            guard let declaration else { continue }
            let before = lines[..<index].last {
                !$0.trimmingCharacters(in: .whitespaces).hasPrefix("@")
            }
            let isDocumented = before?.trimmingCharacters(in: .whitespaces).hasPrefix("///") == true
            found.append(
                PublicDeclaration(
                    text: String(declaration), number: index + 1, isDocumented: isDocumented))
        }
        return found
    }
}
