// Runs docs/examples/read_store.py, the reader that was made from docs/format.md alone, beside the program.

import Foundation
import Testing

enum IndependentReader {
    /// The path of the script.
    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/examples/read_store.py").standardizedFileURL.path

    /// A Python 3 that has the package `lz4`, nil where there is none. The system's comes second, since one that
    /// somebody has put before it in the path may lack what apt-get has installed.
    static let python: String? = ["python3", "/usr/bin/python3"].first { candidate in
        guard let scratch = try? Scratch() else { return false }
        return (try? run(candidate, ["-c", "import lz4.block"], in: scratch))?.status == 0
    }

    /// Prints a store with the reader.
    static func print(_ store: String, in directory: Scratch) throws -> RecallProgram.Outcome {
        try run(try #require(python), [script, store], in: directory)
    }

    private static func run(_ program: String, _ arguments: [String], in directory: Scratch) throws
        -> RecallProgram.Outcome
    {
        try RunningProgram(arguments, inputPath: "/dev/null", program: program, in: directory).wait()
    }
}

/// Checks that the reader finds in a store what `recall replay` finds: the same lines, the same status and, in a
/// damaged one, the same place and positions.
/// - Returns: what `recall replay` printed.
@discardableResult
func expectSameReading(_ store: String, in scratch: Scratch, _ context: Comment? = nil) throws
    -> RecallProgram.Outcome
{
    let replay = try RecallProgram.run(["replay", store], in: scratch)
    let reader = try IndependentReader.print(store, in: scratch)
    #expect(reader.status == replay.status, "\(context ?? ""): \(reader.errors) \(replay.errors)")
    let difference = zip(reader.lines, replay.lines).first { $0 != $1 }
    #expect(difference == nil, context)
    #expect(reader.lines.count == replay.lines.count, "\(context ?? ""): \(reader.errors) \(replay.errors)")
    #expect(reader.output == replay.output || difference != nil, context)
    let ofProgram =
        /segment (?<segment>\d+) at offset (?<offset>\d+): .* positions (?<first>\d+) to (?<last>\d+)/
    let ofReader = /segment (?<segment>\d+), offset (?<offset>\d+), positions (?<first>\d+) to (?<last>\d+)/
    if let expected = replay.errors.firstMatch(of: ofProgram)?.output {
        let found = try #require(reader.errors.firstMatch(of: ofReader)?.output, "\(reader.errors)")
        #expect(found.segment == expected.segment, context)
        #expect(found.offset == expected.offset, context)
        #expect(found.first == expected.first, context)
        #expect(found.last == expected.last, context)
    }
    return replay
}
