// Who may know whom. An arrow that is not in this table is a change of the design: it is made here, with
// its reason, or not at all.

import Foundation
import Testing

@Suite struct ImportTests {
    /// What every toolchain has on every platform.
    static let standardLibrary: Set = ["Swift", "Synchronization", "FoundationEssentials"]
    /// The C library and its threads, by the names that platforms give them.
    static let platform: Set = ["Glibc", "Musl", "Darwin", "Dispatch"]

    /// For each folder of code, what it may import beside the standard library and Foundation essentials.
    static let table: [String: Set<String>] = [
        "Recall": platform.union(["Logging"]),
        // What blocks, the log and C clients alike, runs on threads of our own.
        "RecallThreads": platform.union(["Recall"]),
        "RecallLog": platform.union([
            "Recall", "RecallThreads", "CLZ4", "CRecallSystem", "Logging", "CoreMetrics",
        ]),
        // An adapter knows Recall and its own C library; no other adapter, and not the log.
        "RecallMemcached": platform.union(["Recall", "RecallThreads", "CMemcached", "Logging"]),
        "RecallAMQP": platform.union(["Recall", "RecallThreads", "CRabbitMQ", "Logging"]),
        // hiredis has no TLS in the version of the distributions, hence OpenSSL.
        "RecallRedis": platform.union(["Recall", "RecallThreads", "CHiredis", "COpenSSL"]),
        "RecallConfiguration": ["Recall", "Configuration"],
        // Tests of applications import it, and no test library comes along with it.
        "RecallTesting": ["Recall"],
        "RecallTestKit": platform.union(["Recall", "RecallLog"]),
        // A tool of this repository's own, no product.
        "RecallCrashLab": ["RecallLog", "RecallTestKit", "ArgumentParser", "Foundation"],
        // Every reader of bytes is fuzzed, so this knows all of them; JSON is held against Foundation's parser.
        "RecallProbes": platform.union([
            "Recall", "RecallLog", "RecallConfiguration", "RecallTestKit", "Foundation",
        ]),
        // The same for what adapters read from servers, apart from the others, since it needs their C libraries.
        "RecallAdapterProbes": ["Recall", "RecallMemcached", "RecallRedis", "RecallProbes", "Foundation"],
        "RecallCLI": platform.union([
            "Recall", "RecallLog", "PlanetExpressDomain", "ArgumentParser", "Foundation",
        ]),
        "PlanetExpressDomain": ["Recall"],
        "Shop": ["Recall"],
        "ReadmeExample": ["Recall", "RecallLog", "Foundation"],
        "PlanetExpress": ["PlanetExpressDomain", "Recall", "RecallLog", "Foundation"],
        // The one program that knows every adapter, so that its file can name any of them.
        "MailingTracker": [
            "Recall", "RecallLog", "RecallConfiguration", "RecallRedis", "RecallMemcached", "RecallAMQP",
            "ArgumentParser", "Foundation",
        ],
        "CRecallSystem": [],
        "CLZ4": [],
        "CMemcached": [],
        "CRabbitMQ": [],
        "CHiredis": [],
        "COpenSSL": [],
    ]

    /// What an application that only embeds the log must not need.
    static let heavy: Set = [
        "ArgumentParser", "Configuration", "RecallConfiguration", "RecallCLI", "RecallTestKit",
        "RecallTesting",
        "RecallProbes", "RecallAdapterProbes",
        "CHiredis", "COpenSSL", "RecallRedis",
        "CMemcached", "RecallMemcached", "CRabbitMQ", "RecallAMQP", "Yams", "Testing", "XCTest",
    ]

    @Test func everyImportIsInTheTable() throws {
        for file in try SourceTree.sources() {
            let allowed = try #require(
                ImportTests.table[file.target], "\(file): say in the table what its target may import")
            for line in file.imports {
                if ImportTests.standardLibrary.contains(line.module) { continue }
                // Where there are no Foundation essentials, the whole of Foundation stands in for them.
                if line.module == "Foundation", line.lineBefore == "#else" { continue }
                #expect(
                    allowed.contains(line.module),
                    "\(file):\(line.number): \(file.target) may not import \(line.module)")
            }
        }
    }

    @Test func everyTargetIsInTheTable() throws {
        let folders = try ["Sources", "Examples"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                at: SourceTree.packageURL.appending(path: folder),
                includingPropertiesForKeys: [.isDirectoryKey]
            ).filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
                .map(\.lastPathComponent)
        }
        #expect(Set(folders) == Set(ImportTests.table.keys))
    }

    @Test(arguments: ["Recall", "RecallLog"])
    func libraryNeedsNothingHeavy(target: String) {
        var needed: Set<String> = []
        var waiting = [target]
        while let next = waiting.popLast() {
            for module in ImportTests.table[next] ?? [] where needed.insert(module).inserted {
                waiting.append(module)
            }
        }
        #expect(needed.isDisjoint(with: ImportTests.heavy))
    }

    /// An unused dependency is built all the same, so the manifest must not say more than the table.
    @Test func manifestNamesNoMoreThanTheTable() throws {
        let manifest = try String(
            contentsOf: SourceTree.packageURL.appending(path: "Package.swift"), encoding: .utf8)
        for (target, allowed) in ImportTests.table {
            guard let declaration = ManifestTarget(named: target, in: manifest) else {
                Issue.record("Package.swift has no target \(target)")
                continue
            }
            for dependency in declaration.dependencies {
                #expect(allowed.contains(dependency), "Package.swift: \(target) depends on \(dependency)")
            }
        }
    }

    @Test func formsOfImportAreRecognised() {
        let file = SourceFile(
            path: "Sources/Recall/A.swift",
            lines: [
                "import A", "  public import B", "@testable import C", "internal import struct D.E",
                "@_exported public import F", "@preconcurrency import G", "// import H", "let important = 1",
                "@_spi(I) package import J",
            ])
        #expect(file.imports.map(\.module) == ["A", "B", "C", "D", "F", "G", "J"])
    }
}

/// A target's declaration in Package.swift, as text.
struct ManifestTarget {
    /// Names of targets and products, as they are imported.
    let dependencies: [String]

    init?(named name: String, in manifest: String) {
        let form = /\.(?:target|executableTarget|systemLibrary)\(\s*name: "(\w+)"/
        guard let start = manifest.matches(of: form).first(where: { $0.1 == name })?.range.lowerBound else {
            return nil
        }
        var depth = 0
        var text = ""
        for character in manifest[start...] {
            text.append(character)
            if character == "(" { depth += 1 }
            if character == ")" {
                depth -= 1
                if depth == 0 { break }
            }
        }
        guard let list = text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 else {
            dependencies = []
            return
        }
        dependencies = list.matches(of: /(package: )?"([\w-]+)"/).filter { $0.1 == nil }.map { String($0.2) }
    }
}
