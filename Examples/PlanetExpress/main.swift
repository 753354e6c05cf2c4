// The Planet Express story as a program, on a log in a temporary directory that is removed at the end.

import Foundation
import PlanetExpressDomain
import Recall
import RecallLog

let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("planet-express-\(UUID().uuidString)").path

let story = PlanetExpressStory {
    let log = try await Log.open(at: path)
    return PlanetExpressStory.Session(events: log.events) { try await log.close() }
}
var status: Int32 = 0
do {
    try await story.tell(print: { print($0) }, replayed: { print($0.jsonLine) })
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    status = 1
}
try? FileManager.default.removeItem(atPath: path)
exit(status)
