// What a closure was called with, kept where it may be called from any thread.

import Recall
import Synchronization

/// The calls of a `SnapshotFiles.MakeDurable`.
final class Calls: Sendable {
    struct Call: Hashable, Sendable {
        var position: Position
        var mutationCount: Int
    }

    private let calls = Mutex<[Call]>([])

    var all: [Call] { calls.withLock { $0 } }

    func note(_ position: Position, mutationCount: Int) {
        calls.withLock { $0.append(Call(position: position, mutationCount: mutationCount)) }
    }
}
