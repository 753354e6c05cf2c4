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

// On Linux the library lies where every compiler looks, and the flags that its pkg-config file names beside are
// refused with a warning.
#if os(Linux)
let hiredisPackage: String? = nil
#else
let hiredisPackage: String? = "hiredis"
#endif

let package = Package(
    name: "recall",
    platforms: [.macOS("26.0"), .iOS("26.0")],
    products: [
        .library(name: "Recall", targets: ["Recall"]),
        .library(name: "RecallLog", targets: ["RecallLog"]),
        .library(name: "RecallMemcached", targets: ["RecallMemcached"]),
        .library(name: "RecallAMQP", targets: ["RecallAMQP"]),
        .library(name: "RecallRedis", targets: ["RecallRedis"]),
        .library(name: "RecallConfiguration", targets: ["RecallConfiguration"]),
        .library(name: "RecallTestKit", targets: ["RecallTestKit"]),
        // For the fuzz targets, which are a package of their own.
        .library(name: "RecallProbes", targets: ["RecallProbes"]),
        .library(name: "RecallAdapterProbes", targets: ["RecallAdapterProbes"]),
        .executable(name: "recall", targets: ["RecallCLI"]),
        .executable(name: "planet-express", targets: ["PlanetExpress"]),
        .executable(name: "mailing-tracker", targets: ["MailingTracker"]),
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
            name: "CHiredis", pkgConfig: hiredisPackage,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .target(
            name: "CRecallSystem",
            cSettings: warningsAreErrors ? [.treatAllWarnings(as: .error)] : []),
        .target(
            name: "Recall",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        // Below the log and the adapters; in no product.
        .target(name: "RecallThreads", dependencies: ["Recall"], swiftSettings: strict),
        .target(
            name: "RecallLog",
            dependencies: [
                "Recall", "RecallThreads", "CLZ4", "CRecallSystem",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        .systemLibrary(
            name: "CMemcached", pkgConfig: "libmemcached",
            providers: [.apt(["libmemcached-dev"]), .brew(["libmemcached"])]),
        .target(
            name: "RecallMemcached",
            dependencies: [
                "Recall", "RecallThreads", "CMemcached", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: "librabbitmq",
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
            dependencies: [
                "Recall", .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: strict),
        .target(
            name: "RecallTestKit", dependencies: ["Recall", "RecallLog"], swiftSettings: strict),
        .target(
            name: "RecallProbes",
            dependencies: ["Recall", "RecallLog", "RecallConfiguration", "RecallTestKit"],
            swiftSettings: strict),
        // Apart, since these need the adapters' C libraries.
        .target(
            name: "RecallAdapterProbes",
            dependencies: ["Recall", "RecallMemcached", "RecallRedis", "RecallProbes"],
            swiftSettings: strict),
        .executableTarget(
            name: "RecallCrashLab",
            dependencies: [
                "RecallLog", "RecallTestKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "RecallCLI",
            dependencies: [
                "Recall", "RecallLog", "RecallConfiguration", "PlanetExpressDomain",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "PlanetExpressDomain", dependencies: ["Recall"],
            path: "Examples/PlanetExpressDomain", swiftSettings: strict),
        .executableTarget(
            name: "PlanetExpress", dependencies: ["PlanetExpressDomain", "Recall", "RecallLog"],
            path: "Examples/PlanetExpress", swiftSettings: strict),
        .executableTarget(
            name: "ReadmeExample", dependencies: ["Recall", "RecallLog"],
            path: "Examples/ReadmeExample", swiftSettings: strict),
        .executableTarget(
            name: "MailingTracker",
            dependencies: [
                "Recall", "RecallLog", "RecallConfiguration", "RecallRedis", "RecallMemcached", "RecallAMQP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Examples/MailingTracker",
            // Given to the program by its path.
            exclude: ["neighbours.yaml"],
            swiftSettings: strict),
        .testTarget(
            name: "RecallTests", dependencies: ["Recall", "RecallTestKit", "PlanetExpressDomain"],
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
