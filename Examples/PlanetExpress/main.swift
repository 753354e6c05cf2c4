// The Planet Express story as a program.

import PlanetExpressDomain
import Recall

let store = MemoryEventStore()
let story = PlanetExpressStory { PlanetExpressStory.Session(events: store) }
try await story.tell(print: { print($0) }, replayed: { print($0.jsonLine) })
