// swift-tools-version: 6.2
// Benchmarks of the engine, beside what the disk itself could do. A package of its own, so that nobody who
// builds Recall builds them, or later the databases that they compare with.
import PackageDescription

let package = Package(
    name: "recall-benchmarks",
    platforms: [.macOS("26.0")],
    products: [.executable(name: "recall-benchmarks", targets: ["RecallBenchmarks"])],
    dependencies: [
        .package(name: "recall", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "RecallBenchmarks",
            dependencies: [
                .product(name: "Recall", package: "recall"),
                .product(name: "RecallLog", package: "recall"),
                .product(name: "RecallTestKit", package: "recall"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
