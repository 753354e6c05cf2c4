// How large snapshot files become, and when they are cleaned up. Tests make them small.

/// The sizes at which snapshot files change.
package struct SnapshotSettings: Hashable, Sendable {
    /// A file that holds so many bytes takes no more records. One record may go beyond.
    package var fileBytesMax = 64 << 20
    /// Files are compacted when more than half of their bytes are dead, and at least so many.
    package var deadBytesMin = 4 << 20

    /// Bugs that tests put in.
    package var sabotages = Sabotages()

    package init() {}
}
