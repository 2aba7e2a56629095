// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "workerhost",
    products: [
        .library(name: "WorkerHostCore", targets: ["WorkerHostCore"]),
        .library(name: "WorkerHostSQLite", targets: ["WorkerHostSQLite"]),
        .library(name: "WorkerHostHTTP", targets: ["WorkerHostHTTP"]),
        .library(name: "WorkerHostTesting", targets: ["WorkerHostTesting"]),
        .executable(name: "workerhost", targets: ["workerhost"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", .upToNextMinor(from: "0.27.1")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "CWorkerProcess",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]),
        .target(
            name: "WorkerHostCore",
            dependencies: [
                "CWorkerProcess",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CSQLiteSetup",
            path: "Sources/WorkerHostAdapters/CSQLiteSetup",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "WorkerHostSQLite",
            dependencies: [
                "WorkerHostCore",
                "CSQLiteSetup",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/WorkerHostAdapters/SQLite",
            swiftSettings: strict
        ),
        .systemLibrary(
            name: "CCurl",
            path: "Sources/WorkerHostAdapters/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "WorkerHostHTTP",
            dependencies: [
                "CCurl",
                "WorkerHostCore",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/WorkerHostAdapters/HTTP",
            swiftSettings: strict
        ),
        .target(name: "WorkerHostTesting", dependencies: ["WorkerHostCore"], swiftSettings: strict),
        .executableTarget(
            name: "workerhost",
            dependencies: [
                "WorkerHostCore",
                "WorkerHostHTTP",
                "WorkerHostSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Resources")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "embedding",
            dependencies: [
                "WorkerHostCore",
                "WorkerHostSQLite",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Examples/embedding",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "taskmanagerserver",
            dependencies: [
                "WorkerHostCore",
                "WorkerHostSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Examples/TaskManagerServer",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "hostbench",
            dependencies: [
                "WorkerHostCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/hostbench",
            swiftSettings: strict
        ),
        .executableTarget(name: "faultchild", path: "Tests/FaultChild"),
        .executableTarget(
            name: "outboxchild",
            dependencies: ["WorkerHostCore", "WorkerHostSQLite", .product(name: "Logging", package: "swift-log")],
            path: "Tests/OutboxChild",
            swiftSettings: strict
        ),
        .testTarget(
            name: "WorkerHostCoreTests",
            dependencies: [
                "WorkerHostCore", "WorkerHostTesting", "faultchild", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WorkerHostSQLiteTests",
            dependencies: [
                "WorkerHostSQLite", "WorkerHostTesting", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WorkerHostHTTPTests",
            dependencies: [
                "WorkerHostHTTP", "WorkerHostTesting", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "WorkerHostCore", "WorkerHostSQLite", "WorkerHostTesting", "workerhost", "faultchild", "outboxchild",
                "taskmanagerserver",
            ],
            swiftSettings: strict
        ),
    ]
)
