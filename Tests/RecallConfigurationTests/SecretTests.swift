// Which values never stand in a message. A kind may forget to declare a setting a secret, so names that look like one's are taken for one.

import Recall
import RecallConfiguration
import Testing

@Suite struct SecretTests {
    private static let names = [
        "password", "old_passwords", "passphrase", "client_secret", "access_token", "credential",
        "credentials",
        "private_key", "api_key", "Password", "ACCESS_TOKEN", "clientSecret",
    ]
    private static let others = ["path", "host", "key_path", "user", "keys"]

    /// What a mistake in a setting says, whose value is none of the numbers that the kind wants.
    private func message(
        _ name: String, isDeclared: Bool = false, environment: [String: String] = [:]
    ) async throws -> String {
        var registry = StoreRegistry()
        registry.registerEventStore("vault", settings: [SettingName(name, isSecret: isDeclared)]) {
            definition in
            _ = try definition.int(name)
            return MemoryEventStore()
        }
        let file = try TemporaryFile(
            environment.isEmpty
                ? "{event_stores: {main: {kind: vault, \(name): hunter2}}, default: {event_store: main}}"
                : "{event_stores: {main: {kind: vault}}, default: {event_store: main}}")
        let path = file.path
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await RecallServices(file: path, environment: environment, registry: registry)
            _ = try await services.eventStore(for: "Account")
        }
        let found = try #require(error)
        #expect(found.code == .invalidValue)
        return "\(found) \(String(reflecting: found))"
    }

    @Test(arguments: names)
    func valueOfANameThatLooksLikeASecretsIsNotShown(name: String) async throws {
        let message = try await message(name)
        #expect(!message.contains("hunter2"))
        #expect(message.contains("found a value that is not shown"))
    }

    @Test func valueFromTheEnvironmentIsNotShownEither() async throws {
        let message = try await message("api_key", environment: ["EVENT_STORES_MAIN_API_KEY": "hunter2"])
        #expect(!message.contains("hunter2"))
    }

    @Test(arguments: others)
    func valueOfADeclaredSecretIsNotShown(name: String) async throws {
        #expect(!(try await message(name, isDeclared: true)).contains("hunter2"))
    }

    /// Else nobody would see that a message shows what it may.
    @Test(arguments: others)
    func otherValuesAreShown(name: String) async throws {
        #expect(try await message(name).contains("found \"hunter2\""))
    }
}
