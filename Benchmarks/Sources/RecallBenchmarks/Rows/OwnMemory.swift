// Memory that a process has for itself, as Linux counts it: not what files are mapped or cached.

import Foundation
import RecallBenchmarksKit

/// Measures from the moment that it is made.
struct OwnMemory {
    private let startBytes: Int

    init() throws { startBytes = try Self.anonymousBytes() }

    /// How much more there is now; 0 where it is less.
    func bytes() throws -> Int { max(0, try Self.anonymousBytes() - startBytes) }

    private static func anonymousBytes() throws -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap(
                { Int($0) })
        else {
            throw WrongResult(
                "This system does not tell a process's own memory (RssAnon in /proc/self/status).")
        }
        return kibibytes << 10
    }
}
