// `recall demo`: the Planet Express story on a real log in the user's own file system. The company and its
// events are data and go to standard output; what happens meanwhile is told on standard error.

import ArgumentParser
import PlanetExpressDomain
import Recall
import RecallLog

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Tell the Planet Express story on a real log, and replay its events.",
        discussion: """
            Founds a company, hires, promotes and saves; closes the log, opens it again, loads the \
            company, prints it and replays its events as JSON Lines.
            """)

    @Option(help: "The directory of the store; a temporary one, removed at the end, if nothing is said.")
    var store: String?

    func run() throws {
        if let store {
            try tell(on: try StorePath(store).path)
        } else {
            try TemporaryDirectory(name: "recall-demo").use { try tell(on: $0 + "/planet-express") }
        }
    }

    private func tell(on path: String) throws {
        try AsyncWork.run {
            let narrator = Narrator(path: path)
            let story = PlanetExpressStory {
                let log = try await Log.open(at: path)
                narrator.opened()
                return PlanetExpressStory.Session(events: log.events) {
                    try await log.close()
                    narrator.closed()
                }
            }
            try await story.tell(print: { narrator.print($0) }, replayed: { narrator.print($0) })
            try narrator.end()
        }
    }
}
