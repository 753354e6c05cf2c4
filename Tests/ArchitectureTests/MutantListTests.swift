// The list of small bugs that `scripts/mutants` puts into the sources: each row has to fit them, or it would stop proving anything without
// anybody's notice.

import Foundation
import Testing

@Suite struct MutantListTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"]
        .first {
            FileManager.default.isExecutableFile(atPath: $0)
        }

    @Test(.enabled(if: python != nil, "needs python3"))
    func everyRowFitsTheSourcesAndItsTests() throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [SourceTree.packageURL.appending(path: "scripts/mutants").path, "--check"]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
