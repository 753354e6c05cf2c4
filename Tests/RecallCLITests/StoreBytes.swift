// The bytes of stores in both layouts, for tests that change them. They are found by what docs/format.md and
// docs/format-single-file.md say, not by the code under test.

import Foundation
import Testing

/// The bytes of a segment.
struct SegmentBytes {
    /// From the segment's header on.
    var bytes: Data
    private let path: String
    /// Where the segment lies in its file, and what stands around it there.
    private let start: Int
    private let file: Data

    init(_ store: String, _ number: Int) throws {
        path = store.hasSuffix(".recall") ? store : Self.path(store, number)
        file = try Data(contentsOf: URL(fileURLWithPath: path))
        guard store.hasSuffix(".recall") else {
            start = 0
            bytes = file
            return
        }
        // A segment begins with a unit, and says which it is. None of these stores ever moves or replaces one.
        let units = stride(from: 16384, to: file.count, by: 16384)
        let (file, magic) = (file, Data("RECALLSG".utf8))
        start = try #require(
            units.first { file[$0 ..< $0 + 8] == magic && file.integer(at: $0 + 32) == number })
        bytes = Data(file[start ..< start + file.integer(at: start + 64)])
    }

    /// The number of the last segment; 0 where there is none.
    static func lastNumber(in store: String) throws -> Int {
        guard store.hasSuffix(".recall") else {
            return try FileManager.default.contentsOfDirectory(atPath: "\(store)/segments").filter {
                $0.hasSuffix(".segment")
            }.count
        }
        let (file, magic) = (try Data(contentsOf: URL(fileURLWithPath: store)), Data("RECALLSG".utf8))
        return stride(from: 16384, to: file.count, by: 16384).filter { file[$0 ..< $0 + 8] == magic }
            .map { file.integer(at: $0 + 32) }.max() ?? 0
    }

    static func path(_ store: String, _ number: Int) -> String {
        "\(store)/segments/\(String(format: "%010d", number)).segment"
    }

    /// The size of a copy of the dictionary, as the header states it.
    var dictionarySize: Int { bytes.integer(at: 72) & 0xFFFF_FFFF }

    /// Where the frames begin.
    var framesOffset: Int { 5120 + (dictionarySize > 0 ? 2 * dictionarySize + 4096 : 0) }

    /// How many bytes there are up to the last one that is not 0.
    var usedSize: Int { (bytes.lastIndex { $0 != 0 } ?? -1) + 1 }

    func write() throws {
        let whole =
            path.hasSuffix(".recall") ? file[..<start] + bytes + file[(start + bytes.count)...] : bytes
        try whole.write(to: URL(fileURLWithPath: path))
    }
}

/// The bytes of a single-file store.
struct SingleFileBytes {
    var bytes: Data
    private let path: String

    init(_ store: String) throws {
        path = store
        bytes = try Data(contentsOf: URL(fileURLWithPath: store))
    }

    // What both superblocks of a store say that was closed.
    var generation: Int { bytes.integer(at: 16) }
    var tableOffset: Int { bytes.integer(at: 24) }
    var tableSize: Int { bytes.integer(at: 32) }

    func write() throws { try bytes.write(to: URL(fileURLWithPath: path)) }
}

extension Data {
    /// Eight bytes, the lowest first.
    fileprivate func integer(at offset: Int) -> Int {
        (offset ..< offset + 8).reversed().reduce(0) { $0 << 8 | Int(self[$1]) }
    }
}
