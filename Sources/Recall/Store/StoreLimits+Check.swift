// What a store asks of a commit before it looks at anything stored. Pure, and in the caller's task.

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
        for (index, event) in commit.events.enumerated() {
            bytesCount += try check(event, at: index)
        }
        if bytesCount > commitBytesMax {
            throw StoreError(
                .limitExceeded,
                "The commit holds \(bytesCount) bytes, and at most \(commitBytesMax) fit in one; nothing was written: split it into several commits."
            )
        }
        if commit.events.count > 1 { try checkTogether(commit.events) }
    }

    /// Checks one event.
    /// - Returns: how many bytes it adds to the commit.
    private func check(_ event: NewEvent, at index: Int) throws(StoreError) -> Int {
        func fail(_ what: String, _ value: Int, _ max: Int, _ unit: String, _ remedy: String) -> StoreError {
            StoreError(
                .limitExceeded,
                "The \(what) of event \(index) of the commit has \(value) \(unit), and at most \(max) are allowed; nothing was written: \(remedy)."
            )
        }
        let typeBytes = event.type.rawValue.utf8.count
        if typeBytes == 0 {
            throw StoreError(
                .invalidArgument,
                "The type of event \(index) of the commit is empty; nothing was written: give it a name of 1 to \(nameBytesMax) bytes."
            )
        }
        if event.schemaVersion == 0 {
            throw StoreError(
                .invalidArgument,
                "The schema version of event \(index) of the commit is 0; nothing was written: count schema versions from 1."
            )
        }
        var bytesCount = typeBytes
        if typeBytes > nameBytesMax {
            throw fail("type", typeBytes, nameBytesMax, "bytes", "shorten the name")
        }
        for (what, name) in [
            ("aggregate type", event.aggregateType.rawValue), ("content type", event.contentType.rawValue),
        ] {
            let count = name.utf8.count
            if count > nameBytesMax { throw fail(what, count, nameBytesMax, "bytes", "shorten the name") }
            bytesCount += count
        }
        let payloadBytes = event.payload.count
        if payloadBytes > payloadBytesMax {
            throw fail(
                "payload", payloadBytes, payloadBytesMax, "bytes",
                "keep large data elsewhere and store a reference to it")
        }
        bytesCount += payloadBytes
        if event.tags.count > tagsCountMax {
            throw fail("tags", event.tags.count, tagsCountMax, "entries", "use fewer tags")
        }
        for tag in event.tags {
            let count = tag.utf8.count
            if count > tagBytesMax { throw fail("tag", count, tagBytesMax, "bytes", "shorten the tag") }
            bytesCount += count
        }
        let metadata = event.metadata.values
        if metadata.count > metadataCountMax {
            throw fail(
                "metadata", metadata.count, metadataCountMax, "entries",
                "use fewer, or move some into the payload"
            )
        }
        for (key, value) in metadata {
            let keyBytes = key.utf8.count
            let valueBytes = value.utf8.count
            if keyBytes > metadataKeyBytesMax {
                throw fail("metadata key", keyBytes, metadataKeyBytesMax, "bytes", "shorten the key")
            }
            if valueBytes > metadataValueBytesMax {
                throw fail(
                    "metadata value for \"\(key)\"", valueBytes, metadataValueBytesMax, "bytes",
                    "move it into the payload")
            }
            bytesCount += keyBytes + valueBytes
        }
        return bytesCount
    }

    /// Checks what only shows when events are seen beside each other.
    private func checkTogether(_ events: [NewEvent]) throws(StoreError) {
        var seen = Set<EventID>(minimumCapacity: events.count)
        var roots: [AggregateID: AggregateID] = [:]
        var types: [AggregateID: AggregateType] = [:]
        for (index, event) in events.enumerated() {
            if !seen.insert(event.id).inserted { throw .duplicateInCommit(event.id) }
            if let root = roots.updateValue(event.rootID, forKey: event.aggregateID), root != event.rootID {
                throw StoreError(
                    .invalidArgument,
                    "Event \(index) of the commit gives entity \(event.aggregateID) the root \(event.rootID), and an earlier one gives it \(root); nothing was written: an entity has one root."
                )
            }
            if let type = types.updateValue(event.aggregateType, forKey: event.aggregateID),
                !type.rawValue.utf8.elementsEqual(event.aggregateType.rawValue.utf8)
            {
                throw StoreError(
                    .invalidArgument,
                    "Event \(index) of the commit gives entity \(event.aggregateID) the aggregate type \"\(event.aggregateType)\", and an earlier one gives it \"\(type)\"; nothing was written: an entity has one type."
                )
            }
        }
    }
}
