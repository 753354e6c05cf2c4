// swift-tools-version: 6.2
// The map of targets: who may import whom is design law, held by Tests/ArchitectureTests.
import PackageDescription

// Set by .ci/run. Not always on: a newer compiler's new warnings must not keep anybody from building.
let warningsAreErrors = Context.environment["RECALL_WARNINGS_AS_ERRORS"] == "1"

let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

// Set by scripts/test: what computes is optimized, which makes the tests three times as fast and the build a little slower. DEBUG
// stays defined, and with it the bugs that tests put in; what stops a program keeps its words.
let computesFast = Context.environment["RECALL_TEST_OPTIMIZED"] == "1"
let computing = strict + (computesFast ? [.unsafeFlags(["-O", "-assert-config", "Debug"])] : [])

// Set by scripts/test where the C libraries of the adapters cannot be had.
let leavesAdaptersOut = Context.environment["RECALL_WITHOUT_ADAPTERS"] == "1"

// The name that pkg-config knows the C library of an adapter by. On Linux such libraries lie where every compiler looks, and
// pkg-config is not asked: it would warn, in builds that need none of them, of each one that is not installed.
func adapterPackage(_ name: String) -> String? {
    #if os(Linux)
    nil
    #else
    name
    #endif
}

// What the programs and the reader of YAML files need besides is fetched by who wants it: `traits: []` in the dependency of an
// application that embeds Recall and RecallLog leaves swift-log and swift-metrics (Tests/Consumer, scripts/consumer).
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Programs"]))
let configuration = Target.Dependency.product(
    name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"]))

let package = Package(
    name: "recall",
    platforms: [.macOS("15.0"), .iOS("18.0")],
    products: [
        .library(name: "Recall", targets: ["Recall"]),
        .library(name: "RecallLog", targets: ["RecallLog"]),
        .library(name: "RecallMemcached", targets: ["RecallMemcached"]),
        .library(name: "RecallAMQP", targets: ["RecallAMQP"]),
        .library(name: "RecallRedis", targets: ["RecallRedis"]),
        .library(name: "RecallConfiguration", targets: ["RecallConfiguration"]),
        // For the tests of domains.
        .library(name: "RecallTesting", targets: ["RecallTesting"]),
        .library(name: "RecallTestKit", targets: ["RecallTestKit"]),
        // For the fuzz targets, which are a package of their own.
        .library(name: "RecallProbes", targets: ["RecallProbes"]),
        .library(name: "RecallAdapterProbes", targets: ["RecallAdapterProbes"]),
        .executable(name: "recall", targets: ["RecallCLI"]),
        .executable(name: "planet-express", targets: ["PlanetExpress"]),
        .executable(name: "mailing-tracker", targets: ["MailingTracker"]),
    ],
    traits: [
        .trait(
            name: "Configuration",
            description: "What RecallConfiguration needs to read YAML files: swift-configuration."),
        .trait(
            name: "Programs",
            description: "What the programs need to read their arguments: swift-argument-parser."),
        // So that every command works in a clone.
        .default(enabledTraits: ["Configuration", "Programs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.0.0",
            traits: [.defaults, "YAML"]),
    ],
    targets: [
        .systemLibrary(
            name: "CLZ4", pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        .systemLibrary(
            name: "CHiredis", pkgConfig: adapterPackage("hiredis"),
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: adapterPackage("openssl"),
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .target(
            name: "CRecallSystem",
            cSettings: (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
                + (computesFast ? [.unsafeFlags(["-O2"])] : [])),
        .target(
            name: "Recall",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: computing),
        // Below the log and the adapters; in no product.
        .target(name: "RecallThreads", dependencies: ["Recall"], swiftSettings: computing),
        .target(
            name: "RecallLog",
            dependencies: [
                "Recall", "RecallThreads", "CLZ4", "CRecallSystem",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: computing),
        .systemLibrary(
            name: "CMemcached", pkgConfig: adapterPackage("libmemcached"),
            providers: [.apt(["libmemcached-dev"]), .brew(["libmemcached"])]),
        .target(
            name: "RecallMemcached",
            dependencies: [
                "Recall", "RecallThreads", "CMemcached", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: adapterPackage("librabbitmq"),
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .target(
            name: "RecallAMQP",
            dependencies: [
                "Recall", "RecallThreads", "CRabbitMQ", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "RecallRedis", dependencies: ["Recall", "RecallThreads", "CHiredis", "COpenSSL"],
            swiftSettings: strict),
        .target(
            name: "RecallConfiguration",
            dependencies: ["Recall", configuration],
            swiftSettings: strict),
        .target(name: "RecallTesting", dependencies: ["Recall"], swiftSettings: strict),
        .target(
            name: "RecallTestKit", dependencies: ["Recall", "RecallLog"], swiftSettings: computing),
        .target(
            name: "RecallProbes",
            dependencies: ["Recall", "RecallLog", "RecallConfiguration", "RecallTestKit"],
            swiftSettings: computing),
        // Apart, since these need the adapters' C libraries.
        .target(
            name: "RecallAdapterProbes",
            dependencies: ["Recall", "RecallMemcached", "RecallRedis", "RecallProbes"],
            swiftSettings: strict),
        .executableTarget(
            name: "RecallCrashLab",
            dependencies: ["RecallLog", "RecallTestKit", argumentParser],
            swiftSettings: strict),
        .executableTarget(
            name: "RecallCLI",
            dependencies: ["Recall", "RecallLog", "PlanetExpressDomain", argumentParser],
            swiftSettings: computing),
        .target(
            name: "PlanetExpressDomain", dependencies: ["Recall"],
            path: "Examples/PlanetExpressDomain", swiftSettings: strict),
        .executableTarget(
            name: "PlanetExpress", dependencies: ["PlanetExpressDomain", "Recall", "RecallLog"],
            path: "Examples/PlanetExpress", swiftSettings: strict),
        .target(name: "Shop", dependencies: ["Recall"], path: "Examples/Shop", swiftSettings: strict),
        .executableTarget(
            name: "ReadmeExample", dependencies: ["Recall", "RecallLog"],
            path: "Examples/ReadmeExample", swiftSettings: strict),
        .executableTarget(
            name: "MailingTracker",
            dependencies: [
                "Recall", "RecallLog", "RecallConfiguration", "RecallRedis", "RecallMemcached", "RecallAMQP",
                argumentParser,
            ],
            path: "Examples/MailingTracker",
            // Given to the program by its path.
            exclude: ["neighbours.yaml"],
            swiftSettings: strict),
        .testTarget(
            name: "RecallTests",
            dependencies: ["Recall", "RecallTesting", "RecallTestKit", "PlanetExpressDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "RecallLogTests",
            dependencies: [
                "Recall", "RecallThreads", "RecallLog", "RecallTestKit", "RecallProbes", "CRecallSystem",
            ],
            // Stores that were written once; tests find them by the path of their own source.
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "RecallConfigurationTests",
            dependencies: ["Recall", "RecallLog", "RecallConfiguration", "PlanetExpressDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "RecallCLITests", dependencies: ["Recall", "RecallCLI"], swiftSettings: strict),
        .testTarget(
            name: "ShopTests", dependencies: ["Recall", "RecallTesting", "Shop"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        // Servers on loopback, for the tests of adapters.
        .target(
            name: "RecallServerTestSupport", dependencies: ["RecallThreads"], path: "Tests/ServerSupport",
            swiftSettings: strict),
        .testTarget(
            name: "RecallMemcachedTests",
            dependencies: ["Recall", "RecallMemcached", "RecallTestKit", "RecallServerTestSupport"],
            swiftSettings: strict),
        // What KilledRelayTests kill.
        .executableTarget(
            name: "RecallRelayVictim", dependencies: ["Recall", "RecallLog", "RecallAMQP"],
            path: "Tests/RelayVictim", swiftSettings: strict),
        .testTarget(
            name: "RecallAMQPTests",
            dependencies: [
                "Recall", "RecallThreads", "RecallLog", "RecallAMQP", "CRabbitMQ", "RecallTestKit",
                "RecallServerTestSupport", "RecallRelayVictim",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RecallRedisTests",
            dependencies: [
                "Recall", "RecallRedis", "RecallConfiguration", "RecallTestKit", "RecallThreads",
                "RecallServerTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RecallAdapterProbesTests",
            dependencies: [
                "Recall", "RecallMemcached", "RecallRedis", "RecallAdapterProbes", "RecallTestKit",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RecallServerTests", dependencies: ["RecallServerTestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

if leavesAdaptersOut {
    let adapters = [
        "Hiredis", "OpenSSL", "Redis", "Memcached", "RabbitMQ", "AMQP", "RelayVictim", "Adapter",
        "MailingTracker",
    ]
    package.targets.removeAll { target in adapters.contains { target.name.contains($0) } }
    let names = Set(package.targets.map(\.name))
    package.products.removeAll { product in
        switch product {
        case let library as Product.Library: !names.isSuperset(of: library.targets)
        case let program as Product.Executable: !names.isSuperset(of: program.targets)
        default: false
        }
    }
}
