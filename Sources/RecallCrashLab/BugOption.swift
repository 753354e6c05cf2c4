// The option that puts a bug in, to see it found.

internal import ArgumentParser
internal import RecallLog

struct BugOption: ParsableArguments {
    @Option(help: "Puts a bug in, by its name in `Sabotage`: in a debug build only.")
    var sabotage: String?

    func validate() throws {
        if let sabotage, !Sabotages.isPossible || Self.bug(sabotage) == nil {
            throw ValidationError(
                "\(sabotage) cannot be put in: build for debugging, and look into `Sabotage`.")
        }
    }

    var sabotages: Sabotages { sabotage.flatMap(Self.bug).map { Sabotages($0) } ?? Sabotages() }

    private static func bug(_ name: String) -> Sabotage? { Sabotage.allCases.first { "\($0)" == name } }
}
