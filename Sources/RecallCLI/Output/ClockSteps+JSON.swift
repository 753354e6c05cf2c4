// Where a store's clock went back, as commands print it.

import Recall
import RecallLog

extension ClockSteps {
    /// How often, from where on, and by how many seconds at most.
    var object: JSONObject {
        var object = JSONObject()
        object.add("count", count)
        object.add("firstPosition", firstPosition?.rawValue)
        object.add("largestSeconds", Double(largestMicroseconds) / 1_000_000)
        return object
    }
}
