// Sees to it that no server and no directory outlives the tests, however these end: a crash, a kill or an exit in
// the middle of a test runs no `deinit`, and neither does the end of a process for what is shared by its tests. A
// shell reads the ids of servers and the paths of directories from a pipe; when the pipe ends, because this process
// has, it kills and removes those that are left.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Foundation

/// Kills the groups of processes, and removes the directories, that are left when this process ends.
final class OrphanGuard: Sendable {
    static let shared = OrphanGuard()

    /// The pipe's end that this process holds, and no other does; -1 where there is no guard.
    private let pipe: Int32

    private init() {
        // A named pipe: each side opens its own end, so that none can be inherited by mistake.
        let path = FileManager.default.temporaryDirectory
            .appending(path: "recall-guard-\(UUID().uuidString)").path(percentEncoded: false)
        mkfifo(path, 0o600)
        let script = """
            trap '' INT TERM HUP
            exec 3<"$0"
            rm -f "$0"
            left=' '
            while read -r word rest <&3; do
                case "$word" in
                    watch) left="$left$rest " ;;
                    forget) left=$(printf %s "$left" | sed "s/ $rest / /") ;;
                    directory) set -- "$@" "$rest" ;;
                esac
            done
            for id in $left; do kill -KILL "-$id" 2>/dev/null; done
            for path; do rm -rf -- "$path"; done
            """
        let words = ["sh", "-c", script, path]
        // Whoever reads the output of the tests must not wait for the guard.
        let process = try? ProcessGroup.start("/bin/sh", words, isFresh: false) { actions in
            for descriptor in [0, 1, 2] as [Int32] {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            }
        }
        pipe = process == nil ? -1 : open(path, O_WRONLY | O_CLOEXEC)
    }

    func watch(_ id: pid_t) { say("watch \(id)\n") }

    func forget(_ id: pid_t) { say("forget \(id)\n") }

    /// Removes a directory at the end, unless that has happened by then.
    func remove(_ path: String) { say("directory \(path)\n") }

    /// Short enough to be written at once, whichever thread writes.
    private func say(_ line: String) {
        if pipe >= 0 { _ = line.withCString { write(pipe, $0, strlen($0)) } }
    }
}
