// A directory for files that nobody needs after the command: removed when it ends, also by a signal.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A new directory of mode 0700.
struct TemporaryDirectory: Sendable {
    let path: String

    /// - Parameters:
    ///   - parent: where it is made; the system's directory for temporary files if nothing is said.
    ///   - name: what its name begins with.
    /// - Throws: `CommandFailure` when it cannot be made.
    init(in parent: String? = nil, name: String) throws {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw CommandFailure.system(
                "A directory could not be made in \(parent)", errno,
                next: "run the command where you may write")
        }
        path = String(cString: made)
    }

    /// Removes a directory with all that is in it.
    static func removeTree(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    /// Removes the directory with all that is in it.
    func remove() {
        do {
            try Self.removeTree(path)
        } catch {
            Message.print("The directory \(path) could not be removed; remove it by hand.")
        }
    }

    /// Runs `body`, and removes the directory afterwards whatever happens, SIGINT and SIGTERM among it.
    ///
    /// Called before any other thread is started (see `SignalWatch`).
    func use<Result>(_ body: (String) throws -> Result) throws -> Result {
        SignalWatch.start { number in
            remove()
            SignalWatch.end(by: number)
        }
        defer { remove() }
        return try body(path)
    }
}
