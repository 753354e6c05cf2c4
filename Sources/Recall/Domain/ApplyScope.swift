// What is going on above a call of `stage`. An event that is staged while another is applied would be applied again at each
// replay, and might stage without end; so it is not staged, and noted for whoever saves or loads the aggregate.
//
// A scope is found by the task, not by the entity: `apply` may stage in a child, or in an entity that it has just made.

internal import Synchronization

/// The application of one or more events to a graph, while it lasts.
final class ApplyScope: Sendable {
    @TaskLocal static var current: ApplyScope?

    private let firstMisuse = Mutex<String?>(nil)

    /// What was staged meanwhile, as a sentence; nil where nothing was.
    var misuse: String? { firstMisuse.withLock { $0 } }

    /// Notes that an event was to be staged.
    func note(_ eventType: EventType, of entityType: AggregateType, _ id: AggregateID) {
        firstMisuse.withLock { first in
            if first != nil { return }
            first =
                "The event \"\(eventType)\" of \(entityType) \(id) was staged by `apply`, where it would happen again at each replay: stage it in the method that decides, and change nothing but the state in `apply`."
        }
    }

    /// Does something in which nothing may be staged.
    /// - Returns: what was staged all the same, as a sentence; nil where nothing was.
    static func run(_ body: () -> Void) -> String? {
        let scope = ApplyScope()
        $current.withValue(scope, operation: body)
        return scope.misuse
    }
}
