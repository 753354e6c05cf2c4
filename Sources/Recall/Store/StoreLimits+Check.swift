// What a store asks of a commit before it looks at anything stored. Pure, and in the caller's task.
//
// It looks at every event of every commit, so it allocates nothing unless it fails. Parts of an event
// are reached through the array, because a copy of it counts the references to all its parts up and down.

extension StoreLimits {
    /// Checks that a commit holds events, each event id once, one root and one aggregate type for each
    /// entity, and nothing larger than the limits.
    /// - Throws: `invalidArgument`, `duplicateEventID` or `limitExceeded`, naming the event's index in
    ///   the commit, the value, the limit and what to do.
    public func check(_ commit: Commit) throws(StoreError) {
        if commit.events.isEmpty { throw .emptyCommit }
        if commit.events.count > eventsPerCommitCountMax {
            throw StoreError(
                .limitExceeded,
                "The commit holds \(commit.events.count) events, and at most \(eventsPerCommitCountMax) fit in one; nothing was written: split it into several commits."
            )
        }
        var bytesCount = 0
        for index in commit.events.indices { bytesCount += try check(commit.events, at: index) }
        if bytesCount > commitBytesMax {
            throw StoreError(
                .limitExceeded,
                "The commit holds \(bytesCount) bytes, and at most \(commitBytesMax) fit in one; nothing was written: split it into several commits."
            )
        }
        if commit.events.count > 1 { try StoreLimits.checkTogether(commit.events) }
    }

    /// Checks the event at an index.
    /// - Returns: how many bytes it adds to the commit.
    private func check(_ events: [NewEvent], at index: Int) throws(StoreError) -> Int {
        let typeBytes = events[index].type.rawValue.utf8.count
        if typeBytes == 0 {
            throw StoreError(
                .invalidArgument,
                "The type of event \(index) of the commit is empty; nothing was written: give it a name of 1 to \(nameBytesMax) bytes."
            )
        }
        if events[index].schemaVersion == 0 {
            throw StoreError(
                .invalidArgument,
                "The schema version of event \(index) of the commit is 0; nothing was written: count schema versions from 1."
            )
        }
        try checkName("type", typeBytes, at: index)
        let aggregateTypeBytes = events[index].aggregateType.rawValue.utf8.count
        try checkName("aggregate type", aggregateTypeBytes, at: index)
        let contentTypeBytes = events[index].contentType.rawValue.utf8.count
        try checkName("content type", contentTypeBytes, at: index)
        let payloadBytes = events[index].payload.count
        if payloadBytes > payloadBytesMax {
            throw StoreLimits.exceeded(
                "payload", at: index, payloadBytes, payloadBytesMax, "bytes",
                "keep large data elsewhere and store a reference to it")
        }
        var bytesCount = typeBytes + aggregateTypeBytes + contentTypeBytes + payloadBytes
        if !events[index].tags.isEmpty { bytesCount += try checkTags(events[index].tags, at: index) }
        if !events[index].metadata.isEmpty {
            bytesCount += try checkMetadata(events[index].metadata.values, at: index)
        }
        return bytesCount
    }

    private func checkName(_ what: StaticString, _ count: Int, at index: Int) throws(StoreError) {
        if count > nameBytesMax {
            throw StoreLimits.exceeded("\(what)", at: index, count, nameBytesMax, "bytes", "shorten the name")
        }
    }

    private func checkTags(_ tags: [EventTag], at index: Int) throws(StoreError) -> Int {
        if tags.count > tagsCountMax {
            throw StoreLimits.exceeded(
                "tags", at: index, tags.count, tagsCountMax, "entries", "use fewer tags")
        }
        var bytesCount = 0
        for tag in tags {
            let count = tag.rawValue.utf8.count
            if count > tagBytesMax {
                throw StoreLimits.exceeded("tag", at: index, count, tagBytesMax, "bytes", "shorten the tag")
            }
            bytesCount += count
        }
        return bytesCount
    }

    private func checkMetadata(_ metadata: [MetadataKey: String], at index: Int) throws(StoreError) -> Int {
        if metadata.count > metadataCountMax {
            throw StoreLimits.exceeded(
                "metadata", at: index, metadata.count, metadataCountMax, "entries",
                "use fewer, or move some into the payload")
        }
        var bytesCount = 0
        for (key, value) in metadata {
            let keyBytes = key.rawValue.utf8.count
            let valueBytes = value.utf8.count
            if keyBytes > metadataKeyBytesMax {
                throw StoreLimits.exceeded(
                    "metadata key", at: index, keyBytes, metadataKeyBytesMax, "bytes", "shorten the key")
            }
            if valueBytes > metadataValueBytesMax {
                throw StoreLimits.exceeded(
                    "metadata value for \"\(key)\"", at: index, valueBytes, metadataValueBytesMax, "bytes",
                    "move it into the payload")
            }
            bytesCount += keyBytes + valueBytes
        }
        return bytesCount
    }

    private static func exceeded(
        _ what: String, at index: Int, _ value: Int, _ max: Int, _ unit: String, _ remedy: String
    ) -> StoreError {
        StoreError(
            .limitExceeded,
            "The \(what) of event \(index) of the commit has \(value) \(unit), and at most \(max) are allowed; nothing was written: \(remedy)."
        )
    }
}
