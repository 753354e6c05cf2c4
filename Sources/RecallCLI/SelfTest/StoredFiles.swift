// The files of a store as bytes, for checks that damage copies of it.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All files below a store's directory but its lock.
struct StoredFiles {
    /// By path below the store's directory.
    private(set) var contents: [String: Data] = [:]

    /// Reads the files of a store that nobody writes to.
    init(of store: String) throws {
        for name in try FileManager.default.subpathsOfDirectory(atPath: store) where name != "lock" {
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: "\(store)/\(name)", isDirectory: &isDirectory),
                !isDirectory
            else { continue }
            contents[name] = try Data(contentsOf: URL(filePath: "\(store)/\(name)"))
        }
    }

    var names: [String] { contents.keys.sorted() }

    /// The newest segment's file.
    var lastSegmentName: String? { names.last { $0.hasPrefix("segments/") && $0.hasSuffix(".segment") } }

    /// Writes all files below a new directory.
    func write(to store: String) throws {
        for (name, data) in contents {
            let path = "\(store)/\(name)"
            let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            try FileManager.default.createDirectory(
                atPath: String(parent), withIntermediateDirectories: true)
            try data.write(to: URL(filePath: path))
        }
    }
}
