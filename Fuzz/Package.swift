// swift-tools-version: 6.2
// Fuzz targets for the readers of bytes from disks and networks. A package of its own, since it is built with
// `--sanitize fuzzer`, which gives each target its main function. Run it with scripts/fuzz.
import PackageDescription

let package = Package(
    name: "recall-fuzz",
    platforms: [.macOS("15.0")],
    dependencies: [.package(name: "recall", path: "..", traits: ["Configuration"])],
    targets: [
        "FuzzFrame", "FuzzRecord", "FuzzSegment", "FuzzSingleFile", "FuzzIndex", "FuzzSnapshots",
        "FuzzEventLine", "FuzzConfiguration", "FuzzRelayState",
    ].map { name in
        .executableTarget(name: name, dependencies: [.product(name: "RecallProbes", package: "recall")])
    }
        // These need the C libraries of the adapters.
        + ["FuzzMemcachedSnapshot", "FuzzRedisEvent", "FuzzRedisReply"].map { name in
            .executableTarget(
                name: name, dependencies: [.product(name: "RecallAdapterProbes", package: "recall")])
        },
    swiftLanguageModes: [.v6]
)
