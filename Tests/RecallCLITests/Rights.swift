// Running the program as somebody to whom files can be closed: as oneself or, for the superuser, as nobody.

import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

enum Rights {
    private static let nobody: uid_t = 65534

    /// Whether a file can be closed to the program.
    static let canBeTaken: Bool = {
        guard geteuid() == 0 else { return true }
        guard let scratch = try? Scratch(), (try? give(scratch.path)) != nil else { return false }
        // The program may lie where nobody may look.
        return (try? run(["--version"], in: scratch))?.status == 0
    }()

    /// Gives everything below a path to the user that `run` will be.
    static func give(_ path: String) throws {
        guard geteuid() == 0 else { return }
        for name in try [""] + FileManager.default.subpathsOfDirectory(atPath: path).map({ "/" + $0 }) {
            try #require(lchown(path + name, nobody, nobody) == 0)
        }
    }

    /// Runs the program to its end, without the superuser's rights.
    static func run(
        _ arguments: [String], input: String = "", in scratch: Scratch
    ) throws -> RecallProgram.Outcome {
        let inputPath = scratch.newPath("in")
        try Data(input.utf8).write(to: URL(fileURLWithPath: inputPath))
        let prefix =
            geteuid() == 0
            ? ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", "--"] : []
        return try RunningProgram(arguments, inputPath: inputPath, prefix: prefix, in: scratch).wait()
    }
}
