// How large an event is, for whoever bounds what is held in memory or sent at once.

extension RecordedEvent {
    /// Payload, tags and metadata, in bytes.
    package var contentBytesCount: Int {
        let tagsCount = tags.reduce(0) { $0 + $1.rawValue.utf8.count }
        return metadata.values.reduce(payload.count + tagsCount) {
            $0 + $1.key.rawValue.utf8.count + $1.value.utf8.count
        }
    }
}
