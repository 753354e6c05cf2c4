// A writer in a process of its own, for the self-test to kill. It is this program, started again with a command that
// the help does not list, and says on a pipe what was acknowledged.

import RecallLog

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A started writer, and what it says.
struct SelfTestWriter: ~Copyable {
    let process: pid_t
    private let output: Int32
    private var buffer: [UInt8] = []
    private var isReaped = false

    /// An acknowledgement, as the writer's process prints it.
    struct Acknowledgement: Hashable, Sendable {
        var place: SelfTestStory.Place
        var position: UInt64

        /// The line for it, without line feed.
        var line: String { "\(place.round) \(place.writer) \(place.number) \(position)" }

        init(place: SelfTestStory.Place, position: UInt64) {
            self.place = place
            self.position = position
        }

        /// - Returns: nil for a line that is none.
        init?(line: some StringProtocol) {
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            guard numbers.count == 4, numbers.allSatisfy({ $0 <= UInt64(Int.max) }) else { return nil }
            place = SelfTestStory.Place(
                round: Int(numbers[0]), writer: Int(numbers[1]), number: Int(numbers[2]))
            position = numbers[3]
        }
    }

    /// Starts a writer that appends until it is killed or fails.
    /// - Parameters:
    ///   - store: where the store lies or is made.
    ///   - round: which life of the store.
    ///   - writerCount: how many threads append.
    ///   - fileBytesMax: what the system is asked to let a file grow to; nil for no limit.
    ///   - log: the file for what the process says on standard error.
    init(
        store: String, story: SelfTestStory, round: Int, writerCount: Int, fileBytesMax: Int? = nil,
        log: String
    ) throws {
        var words = [
            "recall", SelfTestWriterCommand.name, store, "--seed", "\(story.seed)", "--round", "\(round)",
            "--writers", "\(writerCount)",
        ]
        if let fileBytesMax { words += ["--file-bytes-max", "\(fileBytesMax)"] }
        let started = try Self.start(words, log: log)
        process = started.process
        output = started.output
    }

    /// The next acknowledgement; nil when the process has ended and all that it said was read.
    mutating func next() throws -> Acknowledgement? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                guard let acknowledgement = Acknowledgement(line: line) else {
                    throw SelfTestFailure("a writer said \"\(line)\", which is no acknowledgement")
                }
                return acknowledgement
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &chunk, chunk.count)
            if count > 0 {
                buffer += chunk[..<count]
            } else if count == 0 {
                // Half a line was never said.
                return nil
            } else if errno != EINTR {
                throw CommandFailure.system("A writer could not be listened to", errno, next: "try again")
            }
        }
    }

    /// Kills the process at once: it can do nothing about it.
    func kill() { _ = Self.send(SIGKILL, to: process) }

    /// Waits for the end of the process.
    /// - Returns: its exit status, or the negative number of the signal that ended it.
    mutating func wait() throws -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR {
                throw CommandFailure.system("A writer could not be waited for", errno, next: "try again")
            }
        }
        isReaped = true
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    deinit {
        if !isReaped {
            _ = Self.send(SIGKILL, to: process)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
        }
        close(output)
    }

    private static func send(_ number: Int32, to process: pid_t) -> Int32 {
        #if canImport(Glibc)
        Glibc.kill(process, number)
        #elseif canImport(Musl)
        Musl.kill(process, number)
        #else
        Darwin.kill(process, number)
        #endif
    }

    /// Starts this program with arguments of its own.
    /// - Returns: the process, and the end of a pipe that its standard output is.
    private static func start(
        _ words: [String], log: String
    ) throws -> (process: pid_t, output: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CommandFailure.system(
                "A pipe could not be made", errno, next: "close other files, then try again")
        }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        defer { close(ends[1]) }
        #if os(Linux)
        var actions = posix_spawn_file_actions_t()
        #else
        var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, try Self.programPath(), &actions, nil, pointers, environ)
        guard result == 0 else {
            close(ends[0])
            throw CommandFailure.system("A writer could not be started", result, next: "try again")
        }
        return (process, ends[0])
    }

    /// Where this program lies.
    private static func programPath() throws -> String {
        #if os(Linux)
        return "/proc/self/exe"
        #else
        var size: UInt32 = 4096
        var path = [CChar](repeating: 0, count: Int(size))
        guard _NSGetExecutablePath(&path, &size) == 0 else {
            throw CommandFailure(
                .unavailable, "The path of this program is too long; move it to a shorter one.")
        }
        return String(cString: path)
        #endif
    }
}
