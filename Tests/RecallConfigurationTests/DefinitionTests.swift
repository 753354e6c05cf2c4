// The forms that a value may have in a file.

import Recall
import RecallConfiguration
import Synchronization
import Testing

@Suite struct DefinitionTests {
    /// What a kind reads of a setting; nil where the value was refused.
    private func read<Value: Sendable>(
        _ text: String, _ body: @escaping @Sendable (Definition) throws -> Value?
    ) async throws -> Value? {
        let found = Mutex<Value?>(nil)
        let result = await Task {
            var registry = StoreRegistry()
            registry.registerEventStore("any", settings: ["value"]) { definition in
                let value = try body(definition)
                found.withLock { $0 = value }
                return MemoryEventStore()
            }
            let file = try TemporaryFile(
                "{event_stores: {main: {kind: any, value: \(text)}}, default: {event_store: main}}")
            let services = try await RecallServices(file: file.path, environment: [:], registry: registry)
            _ = try await services.eventStore(for: "Account")
        }.result
        if case .failure(let error) = result {
            #expect((error as? ConfigurationError)?.code == .invalidValue, "\(text): \(error)")
            return nil
        }
        return found.withLock { $0 }
    }

    @Test(
        arguments: [
            ("true", true), ("yes", true), ("On", true), ("false", false), ("no", false), ("OFF", false),
            ("1", nil),
            ("maybe", nil),
        ] as [(String, Bool?)])
    func truthValues(text: String, expected: Bool?) async throws {
        #expect(try await read(text) { try $0.bool("value") } == expected)
    }

    @Test(
        arguments: [
            ("250 ms", .milliseconds(250)), ("250ms", .milliseconds(250)), ("2.5 s", .milliseconds(2_500)),
            ("1 min", .seconds(60)), ("2 h", .seconds(7_200)), ("3 us", .microseconds(3)), ("5", nil),
            ("s", nil),
            ("-1 s", nil), ("1 week", nil), ("1e12 s", nil), ("2000000000 s", nil),
        ] as [(String, Duration?)])
    func durations(text: String, expected: Duration?) async throws {
        #expect(try await read(text) { try $0.duration("value") } == expected)
    }

    @Test(
        arguments: [
            ("1", 1), ("7", 7), ("0", nil), ("8", nil), ("-3", nil), ("1.5", nil), ("x", nil),
            ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func numbersInARange(text: String, expected: Int?) async throws {
        #expect(try await read(text) { try $0.int("value", in: 1 ... 7) } == expected)
    }

    @Test(arguments: [("red", "red"), ("blue", "blue"), ("Red", nil), ("green", nil)] as [(String, String?)])
    func words(text: String, expected: String?) async throws {
        #expect(try await read(text) { try $0.choice("value", of: ["red", "blue"]) } == expected)
    }
}
