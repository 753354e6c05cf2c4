// How much of the disk a store has written, without what it has only reserved.

import Foundation
import RecallLog

/// Counts bytes below a directory.
enum UsedBytes {
    /// The bytes of all files that hold something. A file with holes counts as what its blocks take.
    /// - Parameter skipped: the name of a directory that is counted otherwise.
    static func directory(_ path: String, skipping skipped: String? = nil) throws -> Int {
        var total = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != skipped {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                total += try directory("\(path)/\(name)")
            } else {
                total += min(Int(status.st_size), Int(status.st_blocks) * 512)
            }
        }
        return total
    }

    /// The bytes of one file.
    static func file(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }

    /// A Recall store: its frames and headers as the log itself counts them, since segments reserve more than they
    /// hold, and all other files as they are.
    static func recall(_ path: String, _ inspection: LogInspection) throws -> Int {
        try inspection.usedBytes + directory(path, skipping: "segments")
    }
}
