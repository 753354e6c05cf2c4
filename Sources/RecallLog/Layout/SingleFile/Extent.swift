// A part of a single-file store, and who may use it: an extent belongs to whoever holds its lease, and comes back to
// the space when the last of them lets go.

/// Whole units of the file, one behind the other.
struct Extent: Hashable, Sendable {
    /// Where it begins in the file, in bytes.
    var offset: Int
    /// In bytes.
    var size: Int

    var end: Int { offset + size }
}

/// The right to an extent, held by the file that lies there and by every map of it.
final class ExtentLease: Sendable {
    let extent: Extent
    private let space: ExtentSpace

    init(_ extent: Extent, in space: ExtentSpace) {
        self.extent = extent
        self.space = space
    }

    deinit { space.retire(extent) }
}
