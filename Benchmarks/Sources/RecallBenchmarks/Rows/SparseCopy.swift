// Copies a directory and leaves out the zeros, so that space which the log reserved and never wrote takes none in
// the copy either: opening asks the file system where data is. Sealed segments are never written again, so the copy
// gets a link to them.

import Foundation

enum SparseCopy {
    /// Copies a store's directory with all that is in it.
    static func directory(_ source: String, to destination: String) throws {
        try FileManager.default.createDirectory(atPath: destination, withIntermediateDirectories: true)
        let names = try FileManager.default.contentsOfDirectory(atPath: source).sorted()
        let tail = names.last { $0.hasSuffix(".segment") }
        for name in names {
            let from = "\(source)/\(name)"
            let to = "\(destination)/\(name)"
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: from, isDirectory: &isDirectory)
            if isDirectory.boolValue {
                try directory(from, to: to)
            } else if name.hasSuffix(".segment"), name != tail {
                try FileManager.default.linkItem(atPath: from, toPath: to)
            } else {
                try file(from, to: to)
            }
        }
    }

    private static func file(_ source: String, to destination: String) throws {
        _ = FileManager.default.createFile(atPath: destination, contents: nil)
        let input = try FileHandle(forReadingFrom: URL(filePath: source))
        let output = try FileHandle(forWritingTo: URL(filePath: destination))
        defer {
            try? input.close()
            try? output.close()
        }
        let blockSize = 64 << 10
        let zeros = Data(count: blockSize)
        var offset: UInt64 = 0
        while let block = try input.read(upToCount: blockSize), !block.isEmpty {
            if block != zeros.prefix(block.count) {
                try output.seek(toOffset: offset)
                try output.write(contentsOf: block)
            }
            offset += UInt64(block.count)
        }
        try output.truncate(atOffset: offset)
    }
}
