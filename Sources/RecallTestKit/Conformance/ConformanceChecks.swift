// The comparisons of the conformance suites. Each throws one sentence that names what was looked at,
// what was expected and what was found, short enough to read when a list holds thousands of events.

internal import Recall

/// Throws unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(ConformanceFailure) {
    if !condition { throw ConformanceFailure(message()) }
}

/// Throws unless two values are equal.
func expectEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: @autoclosure () -> String
) throws(ConformanceFailure) {
    if found != expected {
        throw ConformanceFailure("\(what()): expected \(expected), found \(found).")
    }
}

/// Throws unless two lists hold the same events in the same order, and says where they part.
func expectEvents(
    _ found: [RecordedEvent], _ expected: [RecordedEvent], _ what: @autoclosure () -> String
) throws(ConformanceFailure) {
    for (index, (one, other)) in zip(found, expected).enumerated() where one != other {
        throw ConformanceFailure(
            "\(what()): event \(index) differs: expected \(other.brief), found \(one.brief); differs in \(one.differences(from: other)); expected positions \(expected.briefPositions), found \(found.briefPositions)."
        )
    }
    if found.count != expected.count {
        throw ConformanceFailure(
            "\(what()): expected \(expected.count) events at positions \(expected.briefPositions), found \(found.count) at \(found.briefPositions)."
        )
    }
}

/// Throws unless `operation` fails with one of the given codes.
/// - Returns: the error.
@discardableResult
func expectError<Result>(
    _ codes: StoreError.Code..., from what: @autoclosure () -> String,
    _ operation: () async throws -> Result
) async throws -> StoreError {
    let wanted = codes.map(\.rawValue).joined(separator: " or ")
    do {
        let result = try await operation()
        throw ConformanceFailure("\(what()): expected the error \(wanted), found the result \(result).")
    } catch let error as StoreError {
        if !codes.contains(error.code) {
            throw ConformanceFailure("\(what()): expected the error \(wanted), found \(error).")
        }
        return error
    }
}

/// Runs an operation that waits, and cancels it when it takes longer than a store could need.
@discardableResult
func withDeadline<Result: Sendable>(
    _ what: String, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let duration = Duration.seconds(300)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: duration)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
            throw ConformanceFailure("\(what): expected it within \(duration), but it still waits.")
        }
        return result
    }
}

extension RecordedEvent {
    var brief: String { "\(type) at position \(position), version \(version) of \(aggregateID)" }

    /// The names of the fields in which the event is not like `other`.
    func differences(from other: RecordedEvent) -> String {
        var names: [String] = []
        if position != other.position { names.append("position (\(position), not \(other.position))") }
        if version != other.version { names.append("version (\(version), not \(other.version))") }
        if id != other.id { names.append("id") }
        if aggregateID != other.aggregateID { names.append("aggregateID") }
        if rootID != other.rootID { names.append("rootID") }
        if aggregateType != other.aggregateType { names.append("aggregateType") }
        if type != other.type { names.append("type") }
        if schemaVersion != other.schemaVersion { names.append("schemaVersion") }
        if time != other.time {
            names.append("time (\(time.microsecondsSince1970), not \(other.time.microsecondsSince1970))")
        }
        if contentType != other.contentType { names.append("contentType") }
        if metadata != other.metadata { names.append("metadata") }
        if tags != other.tags { names.append("tags") }
        if payload != other.payload {
            names.append("payload (\(payload.count) bytes, expected \(other.payload.count))")
        }
        return names.joined(separator: ", ")
    }
}

extension [RecordedEvent] {
    /// The positions of the first events, to show in a message.
    var briefPositions: String {
        let shown = prefix(24).map { String($0.position.rawValue) }.joined(separator: ",")
        return count > 24 ? "[\(shown),…]" : "[\(shown)]"
    }
}
