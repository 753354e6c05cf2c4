// A value that a test and what it tests share, from whichever threads and tasks they run on.

import Synchronization

/// A value that concurrent code shares.
public final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    public init(_ value: Value) { storage = Mutex(value) }
    public var value: Value { storage.withLock { $0 } }
    public func change(_ body: (inout Value) -> Void) { storage.withLock { body(&$0) } }
}
