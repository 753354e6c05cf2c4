// Runs the built program as a process of its own, which is how its contract shows.

import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The program `recall` that was built with these tests.
enum RecallProgram {
    /// What a finished process left.
    struct Outcome {
        /// The exit status, or the negative number of the signal that ended it.
        var status: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// Without the part of a line that a process may leave at the end of its output when it is killed.
        var cutToWholeLines: Outcome {
            var outcome = self
            let end = output.utf8.lastIndex(of: UInt8(ascii: "\n")).map { output.utf8.index(after: $0) }
            outcome.output = String(output[..<(end ?? output.startIndex)])
            return outcome
        }
    }

    /// Where the program lies: beside the tests.
    static let path: String = {
        var places = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        places += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let found = places.map { $0.appendingPathComponent("recall").path }
        return found.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "recall"
    }()

    /// Runs the program to its end.
    /// - Parameters:
    ///   - input: what it reads from standard input.
    ///   - prefix: a program and its arguments that start the program in another way.
    static func run(
        _ arguments: [String], input: String = "", prefix: [String] = [], in directory: Scratch
    ) throws -> Outcome {
        try run(arguments, input: Data(input.utf8), prefix: prefix, in: directory)
    }

    static func run(
        _ arguments: [String], input: Data, prefix: [String] = [], in directory: Scratch
    ) throws -> Outcome {
        let inputPath = directory.newPath("in")
        try input.write(to: URL(fileURLWithPath: inputPath))
        let process = try RunningProgram(arguments, inputPath: inputPath, prefix: prefix, in: directory)
        return try process.wait()
    }
}

/// A process of the program that has been started. Its output goes to files, which outlive it.
struct RunningProgram {
    let process: pid_t
    let outputPath: String
    let errorsPath: String

    /// - Parameters:
    ///   - inputPath: the file or named pipe that is standard input.
    ///   - outputPath: a file or named pipe for standard output; a new file if nothing is said.
    ///   - fileBlocksMax: how many blocks of 512 bytes the system lets a file have; nil for no limit.
    ///   - prefix: a program and its arguments that start the program in another way.
    ///   - program: the path or name of another program to run.
    init(
        _ arguments: [String], inputPath: String, outputPath: String? = nil, fileBlocksMax: Int? = nil,
        prefix: [String] = [], program: String = RecallProgram.path, in directory: Scratch
    ) throws {
        self.outputPath = outputPath ?? directory.newPath("out")
        errorsPath = directory.newPath("err")
        // The shell opens the files and then becomes the program; a named pipe may keep it waiting.
        let script = """
            cd "$0" && input="$1" output="$2" errors="$3" limit="$4" && shift 4 && ulimit -f "$limit" \
            && exec "$@" <"$input" >>"$output" 2>"$errors"
            """
        let words =
            [
                "sh", "-c", script, directory.path, inputPath, self.outputPath, errorsPath,
                fileBlocksMax.map { "\($0)" } ?? "unlimited",
            ] + prefix + [program] + arguments
        let pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        #if os(Linux)
        var attributes = posix_spawnattr_t()
        #else
        var attributes: posix_spawnattr_t?
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of the test library block signals, which a child would inherit.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        var defaultSignals = sigset_t()
        sigemptyset(&defaultSignals)
        sigaddset(&defaultSignals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaultSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let result = posix_spawn(&process, "/bin/sh", nil, &attributes, pointers, environ)
        try #require(result == 0, "the shell could not be started: \(String(cString: strerror(result)))")
        self.process = process
    }

    /// Sends a signal.
    func signal(_ number: Int32) {
        kill(process, number)
    }

    /// Waits for the end.
    func wait() throws -> RecallProgram.Outcome {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            try #require(errno == EINTR, "waiting for the program failed: \(errno)")
        }
        let signal = status & 0x7F
        return RecallProgram.Outcome(
            status: signal == 0 ? (status >> 8) & 0xFF : -signal,
            output: try text(outputPath), errors: try text(errorsPath))
    }

    /// What was printed up to now.
    func output() throws -> String { try text(outputPath) }

    private func text(_ path: String) throws -> String {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return "" }
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
