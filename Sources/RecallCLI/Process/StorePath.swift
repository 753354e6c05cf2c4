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

    /// - Throws: `CommandFailure` where what stands at the path is no store.
    init(_ path: String) throws {
        guard !path.isEmpty else {
            throw CommandFailure(
                .badInput, "The path of the store is empty; name a directory, or a file that ends in .recall."
            )
        }
        self.path = path
        if kind == .other || kind == .file && !StoreDisk.isFileName(path) {
            throw CommandFailure(
                .unavailable,
                "\(path) is no store; name a store's directory, or its file, which ends in .recall.")
        }
    }

    /// - Throws: `CommandFailure` where nothing stands at the path.
    func requireExisting() throws {
        guard kind != .missing else {
            throw CommandFailure(
                .unavailable,
                "There is no store at \(path); check the path, or make a store with 'recall append'.")
        }
    }

    private enum Kind { case missing, directory, file, other }

    private var kind: Kind {
        var information = stat()
        guard stat(path, &information) == 0 else { return .missing }
        return switch information.st_mode & S_IFMT {
        case S_IFDIR: .directory
        case S_IFREG: .file
        default: .other
        }
    }
}
