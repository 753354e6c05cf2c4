// The words of the file. What is not among them is an error, never ignored.

/// The sections that define what aggregates choose from.
enum Section: String, CaseIterable, Hashable, Sendable {
    case eventStores = "event_stores"
    case snapshotStores = "snapshot_stores"
    case routers

    /// The key by which an aggregate chooses from the section.
    var choice: Choice {
        switch self {
        case .eventStores: .eventStore
        case .snapshotStores: .snapshotStore
        case .routers: .router
        }
    }

    /// One thing of the section, in words.
    var thing: String {
        switch self {
        case .eventStores: "event store"
        case .snapshotStores: "snapshot store"
        case .routers: "router"
        }
    }
}

/// What is chosen for an aggregate type.
enum Choice: String, CaseIterable, Sendable {
    case eventStore = "event_store"
    case snapshotStore = "snapshot_store"
    case router
    case snapshotFrequency = "snapshot_frequency"
    case identityMapCountMax = "identity_map_count_max"
}

/// The section for aggregate types that choose nothing of their own.
let defaultSection = "default"

/// The key that names the factory of a definition.
let kindKey = "kind"
