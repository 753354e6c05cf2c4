// The one place where the program begins and ends: every error becomes one sentence on standard error
// and one of the exit statuses of the contract, whoever threw it.

import ArgumentParser
import Recall

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

enum Program {
    /// Runs the command that the arguments name.
    /// - Parameter arguments: without the program's own name.
    /// - Returns: what to tell the shell.
    static func run(_ words: [Result<String, CommandFailure>]) -> ExitStatus {
        // A reader that goes away shows as an error of write(2), which ends the command quietly.
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow any further (ulimit -f) shows as an error of the call, and the store says so.
        signal(SIGXFSZ, SIG_IGN)
        var arguments: [String] = []
        do {
            arguments = try words.map { try $0.get() }
            var command = try parse(arguments)
            try command.run()
            return .done
        } catch is OutputClosed {
            return .done
        } catch {
            return report(error, arguments)
        }
    }

    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        try RecallCommand.parseAsRoot(arguments)
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> ExitStatus {
        switch error {
        case let failure as CommandFailure:
            Message.printFailure(failure.message)
            return failure.status
        case let error as StoreError:
            return report(CommandFailure(error), arguments)
        default: break
        }
        if RecallCommand.exitCode(for: error) == .success {
            return printHelp(RecallCommand.fullMessage(for: error))
        }
        // What is left comes from the argument parser: wrong usage.
        Message.printFailure(usageSentence(RecallCommand.message(for: error), arguments))
        return .badInput
    }

    private static func printHelp(_ text: String) -> ExitStatus {
        var output = OutputWriter()
        output.append(text.hasSuffix("\n") ? text : text + "\n")
        do {
            try output.flush()
            return .done
        } catch is OutputClosed {
            return .done
        } catch {
            let failure = CommandFailure(any: error)
            Message.printFailure(failure.message)
            return failure.status
        }
    }

    /// The parser's message on one line, and where the usage stands.
    private static func usageSentence(_ message: String, _ arguments: [String]) -> String {
        var text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        while text.hasSuffix(".") || text.hasSuffix(" ") { text.removeLast() }
        let names = RecallCommand.configuration.subcommands.map { $0._commandName }
        guard let command = arguments.first(where: { !$0.hasPrefix("-") }) else {
            return "\(text); run 'recall help' for the usage."
        }
        guard names.contains(command) else {
            return "'\(command)' is no command; run 'recall help' for the commands there are."
        }
        let help = "run 'recall help \(command)' for the usage."
        return text.hasSuffix("?") ? "\(text) If not, \(help)" : "\(text); \(help)"
    }
}
