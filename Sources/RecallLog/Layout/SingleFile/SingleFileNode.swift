// A file inside a single-file store: where its bytes lie now, and what the last durable table says of it. The lock of a
// node is held while its bytes are written, so that no write goes to a place that the file has just left.

internal import Synchronization

/// The bytes of a file inside a single-file store, whatever it is called.
final class SingleFileNode: Sendable {
    /// Where the bytes are.
    struct Body {
        /// One behind the other, together the file's place. A map keeps those that it shows.
        var leases: [ExtentLease] = []
        var size = 0
        /// From here on, the place is known to hold zeros.
        var zeroFrom = 0
        /// Whether stores through a map may come at any time, so that the file cannot move.
        var isPinned = false
        /// What the last durable table says; nil where it does not know the file.
        var known: FileTable.Placement?

        var offset: Int { leases.first?.extent.offset ?? 0 }
        var capacity: Int { leases.reduce(0) { $0 + $1.extent.size } }
        var placement: FileTable.Placement {
            FileTable.Placement(offset: offset, capacity: capacity, size: size)
        }
        /// Whether a crash would find it otherwise than it is.
        var isAheadOfTable: Bool { known.map { $0 != placement } ?? false }
    }

    let body: Mutex<Body>
    /// Where its place comes from.
    let space: ExtentSpace

    init(in space: ExtentSpace) {
        self.space = space
        body = Mutex(Body())
    }

    /// A file that a table names.
    /// - Parameter fileSize: of the file that holds the store: what lies behind its end is missing.
    init(_ placement: FileTable.Placement, in space: ExtentSpace, fileSize: Int) {
        var body = Body()
        if placement.capacity > 0 {
            let extent = Extent(offset: placement.offset, size: placement.capacity)
            body.leases = [ExtentLease(extent, in: space)]
        }
        body.size = min(placement.size, max(0, fileSize - placement.offset))
        body.zeroFrom = placement.capacity
        body.known = placement
        self.space = space
        self.body = Mutex(body)
    }
}
