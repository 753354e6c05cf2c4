// The one figure of an inspection that is printed by several commands.

import RecallLog

extension LogInspection {
    /// Bytes of frames and headers for each event; 0 in an empty store.
    var bytesPerEvent: Double {
        eventCount > 0 ? Double(usedBytes) / Double(eventCount) : 0
    }
}
