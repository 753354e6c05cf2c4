// STORE, as all commands take it: what stands there decides what can be done, before the engine is asked.

import RecallLog

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The path of a store, given by the user.
struct StorePath {
    let path: String

    /// - Throws: `CommandFailure` where the path means a layout that this version does not have.
    init(_ path: String) throws {
        guard !path.isEmpty else {
            throw CommandFailure(.badInput, "The path of the store is empty; name a directory.")
        }
        self.path = path
        if path.hasSuffix(".recall"), kind != .directory {
            throw CommandFailure(
                .unavailable,
                "\(path) names a single-file store, which this version cannot use; name a directory instead.")
        }
        if kind == .other {
            throw CommandFailure(
                .unavailable, "\(path) is not a directory, so it is no store; name a store's directory.")
        }
    }

    /// - Throws: `CommandFailure` where nothing stands at the path.
    func requireExisting() throws {
        guard kind == .directory else {
            throw CommandFailure(
                .unavailable,
                "There is no store at \(path); check the path, or make a store with 'recall append'.")
        }
    }

    private enum Kind { case missing, directory, other }

    private var kind: Kind {
        var information = stat()
        guard stat(path, &information) == 0 else { return .missing }
        return information.st_mode & S_IFMT == S_IFDIR ? .directory : .other
    }
}
