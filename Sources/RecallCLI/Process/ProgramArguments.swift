// The words that the program was called with, as bytes. Swift's own list of them puts another character where bytes are no
// UTF-8, and the program would then open another store than the one that was named.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the program was called with, without its own name.
enum ProgramArguments {
    /// The arguments of this process.
    static var ofProcess: [Result<String, CommandFailure>] {
        (1 ..< max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { word in
                read(UnsafeRawBufferPointer(start: word, count: strlen(word)), number: index)
            }
        }
    }

    /// An argument as text, which it has to be: names are text, and so are the paths that the engine takes.
    /// - Parameter number: its place, from 1.
    static func read(_ bytes: UnsafeRawBufferPointer, number: Int) -> Result<String, CommandFailure> {
        if let text = String(validating: bytes, as: UTF8.self) { return .success(text) }
        // For a person: what is text stays as it is, and other bytes are shown as they would be in a shell's quotes.
        let shown = bytes.map { byte in
            byte >= 0x20 && byte < 0x7F
                ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16, uppercase: false)
        }.joined()
        return .failure(
            CommandFailure(
                .badInput,
                "Argument \(number) is no UTF-8: '\(shown)'; give names and paths in UTF-8, or rename the file."
            ))
    }
}
