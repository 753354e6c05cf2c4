// How this process starts others: each leads a group of its own, so that a signal to this one's group, such as that of a
// terminal, does not reach them, and one to theirs reaches all that they start.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Groups of processes that were started by this one.
enum ProcessGroup {
    #if canImport(Darwin)
    typealias FileActions = posix_spawn_file_actions_t?
    #else
    typealias FileActions = posix_spawn_file_actions_t
    #endif

    /// Starts a program in a group of its own.
    /// - Parameters:
    ///   - program: the whole path.
    ///   - words: its arguments, of which the first is its own name.
    ///   - isFresh: whether it takes all signals, whichever this process ignores or holds back, and, where the system can do that,
    ///     inherits no descriptors.
    ///   - setFiles: says what its descriptors are.
    /// - Returns: its id, which is its group's too.
    /// - Throws: what the system says where it was not started.
    static func start(
        _ program: String, _ words: [String], isFresh: Bool, setFiles: (inout FileActions) -> Void
    ) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        setFiles(&actions)
        posix_spawnattr_setpgroup(&attributes, 0)
        var flags = Int32(POSIX_SPAWN_SETPGROUP)
        if isFresh {
            var signals = sigset_t()
            sigemptyset(&signals)
            posix_spawnattr_setsigmask(&attributes, &signals)
            for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD] { sigaddset(&signals, signal) }
            posix_spawnattr_setsigdefault(&attributes, &signals)
            flags |= Int32(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
            #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
            #endif
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var process = pid_t()
        let number = posix_spawn(&process, program, &actions, &attributes, pointers, environ)
        guard number == 0 else { throw ServerSupportError(String(cString: strerror(number))) }
        return process
    }
}
