// Settings without a file, for the tests of what can be made from settings. They remember what was asked for, so that a
// setting that a kind names and never reads is found.

package import Recall
internal import Synchronization

/// Settings from a dictionary.
package final class SampleSettings: StoreSettings {
    /// A setting that has another value than its kind accepts.
    package struct Rejection: Error, Hashable {
        package var setting: String
        package var expected: String
        package var found: String
    }

    private struct State {
        var asked: Set<String> = []
        var closers: [@Sendable () async throws -> Void] = []
    }

    package let name = "sample"
    private let values: [String: String]
    private let eventStores: [String: any EventStore]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - values: the settings; lists are parted by commas, durations are milliseconds.
    ///   - eventStores: what else is defined.
    package init(_ values: [String: String], eventStores: [String: any EventStore] = [:]) {
        self.values = values
        self.eventStores = eventStores
    }

    /// The settings that were asked for.
    package var asked: Set<String> { state.withLock { $0.asked } }

    /// Does what was to be done at closing, the last first.
    package func close() async throws {
        while let close = state.withLock({ $0.closers.popLast() }) { try await close() }
    }

    package func string(_ name: String) throws -> String? {
        state.withLock { _ = $0.asked.insert(name) }
        return values[name]
    }

    package func requiredString(_ name: String) throws -> String {
        guard let text = try string(name) else {
            throw rejection(of: name, expected: "a value", found: "nothing")
        }
        return text
    }

    package func int(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        try parsed(name, "a number in \(range)") { text in Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package func bool(_ name: String) throws -> Bool? { try parsed(name, "true or false") { Bool($0) } }

    package func duration(_ name: String) throws -> Duration? {
        try parsed(name, "milliseconds") { text in Int(text).map { .milliseconds($0) } }
    }

    package func choice(_ name: String, of words: [String]) throws -> String? {
        try parsed(name, "one of \(words)") { words.contains($0) ? $0 : nil }
    }

    package func strings(_ name: String) throws -> [String]? {
        try string(name)?.split(separator: ",").map(String.init)
    }

    package func rejection(of name: String, expected: String, found: String) -> any Error {
        Rejection(setting: name, expected: expected, found: found)
    }

    package func eventStore(named name: String) async throws -> any EventStore {
        guard let store = eventStores[name] else {
            throw rejection(of: name, expected: "a store", found: "none")
        }
        return store
    }

    package func onClose(_ close: @escaping @Sendable () async throws -> Void) async {
        state.withLock { $0.closers.append(close) }
    }

    private func parsed<Value>(
        _ name: String, _ expected: String, _ parse: (String) -> Value?
    ) throws -> Value? {
        guard let text = try string(name) else { return nil }
        guard let value = parse(text) else { throw rejection(of: name, expected: expected, found: text) }
        return value
    }
}
