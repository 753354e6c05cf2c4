// The story: `EVENT_STORES_MAIN_PASWORD` was named where the file had a definition `main`. Where the environment alone defines it, as in a
// container without a file, the same slip passed in silence, and a misspelt kind led to a sentence that named no variable.

import Foundation
import Recall
import RecallConfiguration
import Testing

@Suite struct EnvironmentMistakeTests {
    struct Slip: Sendable, CustomTestStringConvertible {
        var wrong: String
        var meant: String
        var environment: [String: String]
        var file: String? = nil
        var prefix: String? = nil
        var testDescription: String { wrong }
    }

    private static let main = ["EVENT_STORES_MAIN_KIND": "memory", "DEFAULT_EVENT_STORE": "main"]

    static let slips: [Slip] = [
        Slip(
            wrong: "EVENT_STORES_MAIN_DURABLITY", meant: "EVENT_STORES_MAIN_DURABILITY",
            environment: ["EVENT_STORES_MAIN_KIND": "log", "DEFAULT_EVENT_STORE": "main"]),
        Slip(
            wrong: "EVENT_STORES_MAIN_PAHT", meant: "EVENT_STORES_MAIN_PATH",
            environment: ["EVENT_STORES_MAIN_KIND": "log", "ACCOUNT_EVENT_STORE": "main"],
            file: "default: {event_store: memory}"),
        Slip(
            wrong: "EVENT_STORES_MAIN_KNID", meant: "EVENT_STORES_MAIN_KIND",
            environment: ["DEFAULT_EVENT_STORE": "main"]),
        Slip(
            wrong: "EVENT_STORE_MAIN_KIND", meant: "EVENT_STORES_MAIN_KIND",
            environment: ["DEFAULT_EVENT_STORE": "main"]),
        Slip(
            wrong: "EVENT_STORES_MAIN_KINDS", meant: "EVENT_STORES_MAIN_KIND", environment: [:],
            file: "default: {event_store: main}"),
        Slip(
            wrong: "EVENT_STORES_SPARE_PASSWROD", meant: "EVENT_STORES_SPARE_PASSWORD",
            environment: ["EVENT_STORES_SPARE_KIND": "failing", "DEFAULT_EVENT_STORE": "memory"]),
        Slip(
            wrong: "EVENT_STORES_MY_OWN_STORE_PATHS", meant: "EVENT_STORES_MY_OWN_STORE_PATH",
            environment: ["EVENT_STORES_MY_OWN_STORE_KIND": "log", "DEFAULT_EVENT_STORE": "myOwnStore"]),
        Slip(
            wrong: "ROUTERS_EVERYONE_ROUTER", meant: "ROUTERS_EVERYONE_ROUTERS",
            environment: ["ROUTERS_EVERYONE_KIND": "composite", "DEFAULT_EVENT_STORE": "memory"]),
        Slip(
            wrong: "SHOP_EVENT_STORES_MAIN_DURABILTY", meant: "SHOP_EVENT_STORES_MAIN_DURABILITY",
            environment: ["SHOP_EVENT_STORES_MAIN_KIND": "log", "SHOP_DEFAULT_EVENT_STORE": "main"],
            prefix: "SHOP"),
    ]

    @Test(arguments: slips)
    func aVariableOfADefinitionThatTheEnvironmentHasAloneIsNamed(_ slip: Slip) async throws {
        let file = try TemporaryFile(slip.file ?? "")
        var environment = slip.environment
        environment[slip.wrong] = "hunter2"
        let (path, variables) = (slip.file == nil ? nil : file.path, environment)
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await RecallServices(
                file: path, environment: variables, environmentPrefix: slip.prefix,
                registry: Probe().registry, aggregateTypes: ["Account"])
            _ = try await services.repositoryConfiguration(for: "Account")
        }
        let found = try #require(error)
        #expect(found.code == .unknownKey, "\(found)")
        #expect(found.description.contains("found \(slip.wrong): did you mean \(slip.meant)?"), "\(found)")
        #expect(!"\(found)".contains("hunter2"))
    }

    @Test func aNameThatIsNotDefinedFindsTheDefinitionsOfTheEnvironment() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await RecallServices(
                file: nil, environment: ["EVENT_STORES_MIAN_KIND": "memory", "DEFAULT_EVENT_STORE": "main"],
                registry: Probe().registry, aggregateTypes: ["Account"])
            _ = try await services.repositoryConfiguration(for: "Account")
        }
        #expect(error?.code == .unknownName)
        #expect(error?.description.contains("did you mean mian?") == true, "\(error?.description ?? "")")
    }

    /// Variables of others, and definitions that nobody has chosen, stop nobody.
    @Test func whatIsNothingLikeAVariableThatIsReadIsLeftAlone() async throws {
        var environment = Self.main
        environment["EVENT_STORES_OTHER_KIND"] = "a-kind-of-another-program"
        environment["EVENT_STORES_MAIN_COLOUR"] = "green"
        environment["KIND"] = "none"
        environment["EVENT_STORES__KIND"] = "x"
        let services = try await RecallServices(
            file: nil, environment: environment, registry: Probe().registry, aggregateTypes: ["Account"])
        _ = try await services.repositoryConfiguration(for: "Account")
    }
}
