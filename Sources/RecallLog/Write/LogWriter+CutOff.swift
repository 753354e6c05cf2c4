// Before a session writes over what stands behind the end it found: whole commits there are copied first, since a killed process may have
// acknowledged them.

internal import Logging
internal import Recall
internal import Synchronization

extension LogWriter {
    /// Copies what stands behind the end into a file beside the store. Where that fails nothing is written, and the next
    /// append tries again.
    func keepCutOff(_ state: inout State) throws(StoreError) {
        guard let rest = state.behindEnd, let segment = state.segment else { return }
        if !configuration.sabotages.contains(.writeOverCutOff) {
            let path = try layout.keepCutOff(rest, of: segment)
            configuration.logger.warning(
                "\(rest.commitCount) commits with \(rest.eventCount) events that stood behind the end of segment \(rest.segmentNumber), and may have been acknowledged, are kept in \(path)"
            )
            state.keptTail = KeptTail(
                path: path, segment: rest.segmentNumber, offset: rest.offset, commitCount: rest.commitCount,
                eventCount: rest.eventCount)
        }
        state.behindEnd = nil
    }

    var keptTail: KeptTail? { state.withLock { $0.keptTail } }
}
