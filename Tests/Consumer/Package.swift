// swift-tools-version: 6.2
// An application that embeds Recall and its log, as the README says. scripts/consumer looks at what is fetched and built for it.
import PackageDescription

let package = Package(
    name: "consumer",
    platforms: [.macOS("15.0"), .iOS("18.0")],
    dependencies: [.package(name: "recall", path: "../..", traits: [])],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "Recall", package: "recall"),
                .product(name: "RecallLog", package: "recall"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
