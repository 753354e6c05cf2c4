// A process in a group of its own, with its output in a file. It inherits no descriptor but the three of the
// standard: a server that held a test's pipe or lock would keep others waiting for as long as it lives.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// A process that was started by a test. It is killed when the object goes.
public final class ServerProcess: Sendable {
    /// Its id, which is its group's too.
    public let id: Int32
    /// How it ended; nil while it runs.
    private let ended = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - program: the whole path.
    ///   - arguments: without the program's name.
    ///   - environment: names and values beside those of this process, whose own they replace.
    ///   - outputPath: the file that its output and errors are appended to.
    ///   - directory: where it starts.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], outputPath: String,
        directory: String
    ) throws {
        // The shell changes the directory, closes what it inherited and becomes the program.
        let script = """
            cd "$0" || exit 127
            for f in /proc/self/fd/*; do f=${f##*/}; if ((f > 2)); then eval "exec $f>&-"; fi; done
            exec "$@"
            """
        let assignments = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let words = ["bash", "-c", script, directory, "env"] + assignments + [program] + arguments
        do {
            id = try ProcessGroup.start("/bin/bash", words, isFresh: true) { actions in
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
                posix_spawn_file_actions_addopen(
                    &actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
                posix_spawn_file_actions_adddup2(&actions, 1, 2)
            }
        } catch {
            throw ServerSupportError("\(program) was not started: \(error).")
        }
        OrphanGuard.shared.watch(id)
    }

    deinit {
        if isRunning {
            signal(SIGKILL)
            _ = reap(waiting: true)
        }
    }

    public var isRunning: Bool { !reap(waiting: false) }

    /// Whether it has ended by itself, and well.
    public var hasSucceeded: Bool { reap(waiting: false) && ended.withLock { $0 } == 0 }

    /// Sends a signal to the process and to those that it started; none when it has ended.
    public func signal(_ signal: Int32) {
        ended.withLock { ended in
            if ended == nil { send(signal, toGroup: id) }
        }
    }

    /// Lets it hang until it gets `SIGCONT`. Returns when it has stopped: a signal is delivered at its own time, and the process may
    /// answer until then.
    public func suspend() async throws {
        signal(SIGSTOP)
        try await Eventually.holds("process \(id) to stop") {
            try ended.withLock { ended in
                guard ended == nil else { throw ServerSupportError("Process \(id) has ended.") }
                var status: Int32 = 0
                guard waitpid(id, &status, WNOHANG | WUNTRACED) == id else { return false }
                // As WIFSTOPPED.
                if status & 0xFF == 0x7F { return true }
                send(SIGKILL, toGroup: id)
                ended = status
                OrphanGuard.shared.forget(id)
                throw ServerSupportError("Process \(id) has ended.")
            }
        }
    }

    /// Asks it to end, and kills it where it does not within `limit`. Returns when it has ended.
    public func stop(within limit: Duration = .seconds(10)) async throws {
        signal(SIGTERM)
        do {
            try await waitForEnd(within: limit)
        } catch {
            try await kill()
        }
    }

    /// Kills it, without giving it time for anything. Returns when it has ended.
    public func kill() async throws {
        signal(SIGKILL)
        try await waitForEnd(within: .seconds(30))
    }

    /// Waits until it has ended by itself.
    public func waitForEnd(within limit: Duration) async throws {
        try await Eventually.holds("the end of process \(id)", within: limit) { !isRunning }
    }

    /// Under the lock, so that no signal goes to an id that the system has given to another process.
    private func reap(waiting: Bool) -> Bool {
        ended.withLock { ended in
            if ended != nil { return true }
            var status: Int32 = 0
            guard waitpid(id, &status, waiting ? 0 : WNOHANG) == id else { return false }
            // What is left of its group.
            send(SIGKILL, toGroup: id)
            ended = status
            OrphanGuard.shared.forget(id)
            return true
        }
    }
}

/// Outside the class, whose own `kill` hides the system's.
private func send(_ signal: Int32, toGroup id: pid_t) { _ = kill(-id, signal) }
