// swift-tools-version: 6.2
// Benchmarks of the engine, beside the stores that a user would pick instead and what the disk itself could do. A
// package of its own, so that nobody who builds Recall builds them, or installs the databases that they need.
import PackageDescription

let recall: [Target.Dependency] = [
    .product(name: "Recall", package: "recall"),
    .product(name: "RecallLog", package: "recall"),
]

let package = Package(
    name: "recall-benchmarks",
    platforms: [.macOS("15.0")],
    products: [
        .executable(name: "recall-benchmarks", targets: ["RecallBenchmarks"]),
        .executable(name: "recall-benchmark-guard", targets: ["RecallBenchmarkGuard"]),
        .executable(name: "recall-neighbour-benchmarks", targets: ["RecallNeighbourBenchmarks"]),
    ],
    dependencies: [
        .package(name: "recall", path: "..", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .systemLibrary(
            name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"]), .brew(["rocksdb"])]),
        .systemLibrary(
            name: "CPlainLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        // Counts calls of malloc in the program that links it, so only the guard does.
        .target(name: "CAllocationCount"),
        .target(
            name: "RecallBenchmarksKit",
            dependencies: recall + ["CPlainLZ4", .product(name: "RecallTestKit", package: "recall")]),
        .executableTarget(
            name: "RecallBenchmarks",
            dependencies: recall + [
                "RecallBenchmarksKit", "CSQLite", "CLMDB", "CRocksDB",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "RecallNeighbourBenchmarks",
            dependencies: recall + [
                "RecallBenchmarksKit",
                .product(name: "RecallRedis", package: "recall"),
                .product(name: "RecallMemcached", package: "recall"),
                .product(name: "RecallAMQP", package: "recall"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "RecallBenchmarkGuard", dependencies: recall + ["RecallBenchmarksKit", "CAllocationCount"]),
    ],
    swiftLanguageModes: [.v6]
)
