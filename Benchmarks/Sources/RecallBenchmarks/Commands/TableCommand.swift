// `recall-benchmarks table`: the table of a result that was stored.

import ArgumentParser
import Foundation

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Print the table of a stored result.")

    @Argument(help: "A file that --json has written.")
    var file: String

    func run() throws { print(try StoredReport.read(file).table) }
}

/// Reads results for the commands that show them.
enum StoredReport {
    static func read(_ path: String) throws -> Report {
        do {
            return try Report(contentsOf: path)
        } catch {
            throw ValidationError(
                "\(path) is no result of this program's --json, or of another version of it.")
        }
    }
}
