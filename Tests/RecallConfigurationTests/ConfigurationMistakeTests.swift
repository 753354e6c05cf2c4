// Every mistake names its place, what was expected and what was found, and none shows a secret.

import Foundation
import Recall
import RecallConfiguration
import Testing

/// A file or an environment with one mistake.
struct Mistake: Sendable, CustomStringConvertible {
    var name: String
    var file = "default: {event_store: memory}"
    var environment: [String: String] = [:]
    var aggregateTypes: Set<AggregateType>?
    var code: ConfigurationError.Code
    /// Nil for the path of the file, which differs each time.
    var keyPath: String?
    /// Parts of the message.
    var parts: [String]

    var description: String { name }
}

@Suite struct ConfigurationMistakeTests {
    private static let mistakes: [Mistake] = [
        Mistake(
            name: "no YAML", file: "a: [b", code: .malformedFile, parts: ["YAML", "line 1", "correct it"]),
        Mistake(
            name: "a list at the top", file: "- a", code: .malformedFile, parts: ["mapping at its top level"]),
        Mistake(
            name: "an empty file", file: "# nothing\n", code: .malformedFile,
            parts: ["mapping at its top level"]),
        Mistake(
            name: "a misspelt choice", file: "Account: {event_stor: memory}", code: .unknownKey,
            keyPath: "Account.event_stor",
            parts: [
                "event_store, identity_map_count_max, router", "found \"event_stor\"",
                "did you mean event_store?",
            ]),
        Mistake(
            name: "an unknown choice", file: "Account: {color: red}", code: .unknownKey,
            keyPath: "Account.color",
            parts: ["expected one of event_store", "found \"color\""]),
        Mistake(
            name: "a misspelt section", file: "event_stroes: {main: {kind: memory}}", code: .unknownKey,
            keyPath: "event_stroes", parts: ["did you mean event_stores?"]),
        Mistake(
            name: "a misspelt default", file: "defualt: {event_store: memory}", code: .unknownKey,
            keyPath: "defualt", parts: ["did you mean default?"]),
        Mistake(
            name: "a misspelt aggregate type", file: "Acount: {event_store: memory}",
            aggregateTypes: ["Account", "Company"], code: .unknownKey, keyPath: "Acount",
            parts: ["Account, Company", "did you mean Account?"]),
        Mistake(
            name: "a misspelt setting", file: "event_stores: {main: {kind: log, pth: a}}", code: .unknownKey,
            keyPath: "event_stores.main.pth", parts: ["durability", "found \"pth\"", "did you mean path?"]),
        Mistake(
            name: "an unknown setting of a kind without any",
            file: "event_stores: {main: {kind: memory, path: a}}",
            code: .unknownKey, keyPath: "event_stores.main.path", parts: ["expected one of kind,"]),
        Mistake(
            name: "a definition without a kind", file: "event_stores: {main: {path: a}}", code: .missingValue,
            keyPath: "event_stores.main.kind",
            parts: ["one of careless, failing, log, memory", "set EVENT_STORES_MAIN_KIND"]),
        Mistake(
            name: "a kind that nobody registered", file: "event_stores: {main: {kind: lgo}}",
            code: .unknownName,
            keyPath: "event_stores.main.kind",
            parts: ["(careless, failing, log, memory)", "found \"lgo\"", "did you mean log?"]),
        Mistake(
            name: "a kind of another section", file: "routers: {main: {kind: memory}}", code: .unknownName,
            keyPath: "routers.main.kind", parts: ["composite, none, probe, standard_output"]),
        Mistake(
            name: "a name that is not defined",
            file: "{event_stores: {main: {kind: memory}}, Account: {event_store: mian}}", code: .unknownName,
            keyPath: "Account.event_store",
            parts: ["(main)", "careless, failing, log, memory", "found \"mian\"", "did you mean main?"]),
        Mistake(
            name: "a name from the environment that is not defined",
            environment: ["DEFAULT_ROUTER": "nowhere"],
            code: .unknownName, keyPath: "default.router",
            parts: ["environment variable DEFAULT_ROUTER:", "found \"nowhere\""]),
        Mistake(
            name: "a number that is none", file: "Account: {snapshot_frequency: often}", code: .invalidValue,
            keyPath: "Account.snapshot_frequency", parts: ["whole number of at least 0", "found \"often\""]),
        Mistake(
            name: "a negative number", file: "default: {snapshot_frequency: -1}", code: .invalidValue,
            keyPath: "default.snapshot_frequency", parts: ["at least 0", "found \"-1\""]),
        Mistake(
            name: "a fraction", file: "default: {identity_map_count_max: 1.5}", code: .invalidValue,
            keyPath: "default.identity_map_count_max", parts: ["found \"1.5\""]),
        Mistake(
            name: "a number from the environment that is none",
            environment: ["DEFAULT_SNAPSHOT_FREQUENCY": "x"],
            code: .invalidValue, keyPath: "default.snapshot_frequency",
            parts: ["environment variable DEFAULT_SNAPSHOT_FREQUENCY:", "found \"x\""]),
        Mistake(
            name: "a list in place of a name", file: "default: {event_store: [a, b]}", code: .invalidValue,
            keyPath: "default.event_store", parts: ["a single value", "a list"]),
        Mistake(
            name: "a mapping in place of a name", file: "default: {event_store: {kind: memory}}",
            code: .invalidValue, keyPath: "default.event_store", parts: ["a single value", "a mapping"]),
        Mistake(
            name: "nothing in place of a name", file: "default: {event_store: }", code: .invalidValue,
            keyPath: "default.event_store", parts: ["expected a value, found nothing"]),
        Mistake(
            name: "a value in place of a section", file: "event_stores: main", code: .invalidValue,
            keyPath: "event_stores", parts: ["a mapping with the definitions of event_stores", "a value"]),
        Mistake(
            name: "a value in place of a definition", file: "event_stores: {main: log}", code: .invalidValue,
            keyPath: "event_stores.main", parts: ["a mapping with a kind"]),
        Mistake(
            name: "a value in place of an aggregate type's section", file: "Account: memory",
            code: .invalidValue,
            keyPath: "Account", parts: ["a mapping with the choices of Account", "a value"]),
        Mistake(
            name: "no event store", file: "default: {router: none}", code: .missingValue,
            keyPath: "default.event_store",
            parts: [
                "for Account", "Account.event_store", "set DEFAULT_EVENT_STORE",
                "\"memory\" keeps events until",
            ]),
        Mistake(
            name: "a missing setting",
            file: "{event_stores: {main: {kind: log}}, default: {event_store: main}}",
            code: .missingValue, keyPath: "event_stores.main.path",
            parts: ["the setting path", "kind log needs", "set EVENT_STORES_MAIN_PATH"]),
        setting("durability: never", "durability", ["one of commit, interval, system", "found \"never\""]),
        setting("segment_bytes_max: 12", "segment_bytes_max", ["from 4096 to 1000000", "found \"12\""]),
        setting("segment_bytes_max: 1e9", "segment_bytes_max", ["found \"1e9\""]),
        setting("interval: 3 weeks", "interval", ["250 ms", "found \"3 weeks\""]),
        setting("verify: maybe", "verify", ["true or false", "found \"maybe\""]),
        setting("verify: [a]", "verify", ["a single value", "a list"]),
        setting("key: hunter2", "key", ["a whole number", "a value that is not shown"]),
        Mistake(
            name: "a factory that fails",
            file: "{event_stores: {main: {kind: failing, password: hunter2}}, default: {event_store: main}}",
            code: .factoryFailed, keyPath: "event_stores.main",
            parts: ["event store of kind failing", "process 7"]),
        Mistake(
            name: "a factory that reads what it did not declare", file: "default: {event_store: careless}",
            code: .unknownKey, keyPath: "event_stores.careless.undeclared", parts: ["did not declare"]),
        Mistake(
            name: "a router that needs itself",
            file:
                "{routers: {a: {kind: composite, routers: [b]}, b: {kind: composite, routers: [a]}}, default: {event_store: memory, router: a}}",
            code: .circularDefinition, keyPath: "routers.b", parts: ["does not need itself", "routers.a"]),
        Mistake(
            name: "a router of an unknown name",
            file:
                "{routers: {a: {kind: composite, routers: [b]}}, default: {event_store: memory, router: a}}",
            code: .unknownName, keyPath: "routers.a", parts: ["found \"b\""]),
        Mistake(
            name: "a composite router of none",
            file: "{routers: {a: {kind: composite, routers: []}}, default: {event_store: memory, router: a}}",
            code: .invalidValue, keyPath: "routers.a.routers", parts: ["one element or more"]),
        Mistake(
            name: "a single value in place of a list",
            file: "{routers: {a: {kind: composite, routers: b}}, default: {event_store: memory, router: a}}",
            code: .invalidValue, keyPath: "routers.a.routers", parts: ["a list", "a single value"]),
        Mistake(
            name: "a secret before what is no YAML", file: "password: hunter2 hunter2: [\n  b: hunter2: c",
            code: .malformedFile, parts: ["YAML"]),
    ]

    /// A mistake in one setting of a log.
    private static func setting(_ text: String, _ name: String, _ parts: [String]) -> Mistake {
        Mistake(
            name: "the setting \(text)",
            file: "{event_stores: {main: {kind: log, path: a, \(text)}}, default: {event_store: main}}",
            code: .invalidValue, keyPath: "event_stores.main.\(name)", parts: parts)
    }

    @Test(arguments: mistakes)
    func mistakeIsNamed(_ mistake: Mistake) async throws {
        let file = try TemporaryFile(mistake.file)
        let path = file.path
        let error = await #expect(throws: ConfigurationError.self) {
            let services = try await RecallServices(
                file: path, environment: mistake.environment, registry: Probe().registry,
                aggregateTypes: mistake.aggregateTypes)
            _ = try await services.repositoryConfiguration(for: "Account")
        }
        let found = try #require(error)
        #expect(found.code == mistake.code, "\(found)")
        #expect(found.keyPath == mistake.keyPath, "\(found)")
        for part in mistake.parts { #expect(found.description.contains(part), "\(found)") }
        if mistake.environment.isEmpty { #expect(found.description.contains(path), "\(found)") }
        #expect(!"\(found)".contains("hunter2"))
        #expect(!String(reflecting: found).contains("hunter2"))
        #expect(!found.description.contains("\n"))
    }

    @Test func missingFileIsNamed() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await RecallServices(file: "/nowhere/recall.yaml", environment: [:])
        }
        #expect(error?.code == .missingFile)
        #expect(error?.description.contains("/nowhere/recall.yaml: expected a configuration file") == true)
    }

    @Test func mistakesAreFoundBeforeAnythingIsOpened() async throws {
        let probe = Probe()
        let file = try TemporaryFile(
            "{event_stores: {main: {kind: log, path: a}, spare: {kind: log, pth: b}}, default: {event_store: main}}"
        )
        let path = file.path
        await #expect(throws: ConfigurationError.self) {
            try await RecallServices(file: path, environment: [:], registry: probe.registry)
        }
        #expect(probe.notes == [])
    }

    @Test func failedFactoryIsAskedAgain() async throws {
        let probe = Probe()
        let services = try await RecallServices(
            file: nil, environment: ["DEFAULT_EVENT_STORE": "failing"], registry: probe.registry)
        for _ in 0 ..< 2 {
            await #expect(throws: ConfigurationError.self) { try await services.eventStore(for: "Account") }
        }
        #expect(probe.notes == ["failed", "failed"])
    }
}
