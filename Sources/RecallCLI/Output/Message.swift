// Everything that is not data goes to standard error, one line each. A message is printed with one
// write, so that lines of several processes do not mix, and is never a reason to fail.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

enum Message {
    /// Prints a line for a person on standard error.
    static func print(_ text: String) {
        write(text + "\n")
    }

    /// Prints why the program ends.
    static func printFailure(_ text: String) {
        print("recall: \(text)")
    }

    /// Writes text to standard error as it is.
    static func write(_ text: String) {
        var writer = OutputWriter(descriptor: STDERR_FILENO)
        writer.append(text)
        try? writer.flush()
    }

    /// Whether a person looks at standard error.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
