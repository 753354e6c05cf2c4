// Which parts of a single-file store are free. An extent that was let go is not used again before a table of contents
// without it is durable, and no reader in any process may still look there: until then a crash, or a reader, finds in
// it what the last table says is there.

internal import Synchronization

/// Gives out extents and takes them back.
final class ExtentSpace: Sendable {
    private struct State {
        /// Ascending, none touching the next.
        var free: [Extent] = []
        /// Let go since the last table was begun.
        var retired: [Extent] = []
        /// Let go before a table that is durable or on its way; waiting for it, and for readers.
        var leaving: [Extent] = []
        /// Where the file ends.
        var end = SingleFileFormat.headSize

        /// Takes the beginning of what is free.
        mutating func take(_ size: Int, at index: Int) -> Extent {
            let taken = Extent(offset: free[index].offset, size: size)
            let rest = free[index].size - size
            if rest > 0 {
                free[index] = Extent(offset: taken.end, size: rest)
            } else {
                free.remove(at: index)
            }
            return taken
        }
    }

    private let state: Mutex<State>

    /// An extent, and from which of its bytes on it is known to hold zeros.
    struct Grant {
        var extent: Extent
        var zeroFrom: Int
    }

    /// All that a table of contents does not use. Each reading of a table has a space of its own, so that what was opened
    /// before gives nothing back that a later reading found in use.
    /// - Parameters:
    ///   - used: the extents that are in use, in any order.
    ///   - isWatched: whether readers may still look where an earlier table leads.
    init(used: [Extent] = [], fileSize: Int = 0, isWatched: Bool = false) {
        var offset = SingleFileFormat.headSize
        var gaps: [Extent] = []
        for extent in used.sorted(by: { $0.offset < $1.offset }) {
            if extent.offset > offset { gaps.append(Extent(offset: offset, size: extent.offset - offset)) }
            offset = max(offset, extent.end)
        }
        // A unit that the file ends in holds what nobody vouches for, so it does not count as one that grew by zeros.
        let end = SingleFileFormat.roundedUp(fileSize)
        if end > offset { gaps.append(Extent(offset: offset, size: end - offset)) }
        var state = State()
        state.end = max(offset, end)
        if isWatched { state.leaving = gaps } else { state.free = gaps }
        self.state = Mutex(state)
    }

    /// Takes an extent of at least `size` bytes.
    /// - Parameter grow: gives the file a size in bytes, with zeros behind its end; called where nothing free is large enough.
    func allocate(_ size: Int, grow: (Int) throws(DiskError) -> Void) throws(DiskError) -> Grant {
        let size = SingleFileFormat.roundedUp(max(size, 1))
        return try state.withLock { (state) throws(DiskError) in
            // The smallest that is large enough leaves large ones whole.
            let fitting = state.free.indices.filter { state.free[$0].size >= size }
            if let index = fitting.min(by: { state.free[$0].size < state.free[$1].size }) {
                return Grant(extent: state.take(size, at: index), zeroFrom: size)
            }
            // What is free at the end is where the file grows from.
            let tail = state.free.last.flatMap { $0.end == state.end ? $0 : nil }
            let extent = Extent(offset: tail?.offset ?? state.end, size: size)
            try grow(extent.end)
            if tail != nil { state.free.removeLast() }
            state.end = extent.end
            return Grant(extent: extent, zeroFrom: tail?.size ?? 0)
        }
    }

    /// Takes what lies directly behind an extent.
    /// - Returns: an extent of at least `size` bytes; nil where that place is not free.
    func allocate(
        behind extent: Extent, _ size: Int, grow: (Int) throws(DiskError) -> Void
    ) throws(DiskError) -> Grant? {
        let size = SingleFileFormat.roundedUp(max(size, 1))
        return try state.withLock { (state) throws(DiskError) in
            let found = state.free.firstIndex { $0.offset == extent.end }
            let taken = Extent(offset: extent.end, size: size)
            if let index = found, state.free[index].size >= size {
                return Grant(extent: state.take(size, at: index), zeroFrom: size)
            }
            let known = found.map { state.free[$0] }
            guard (known?.end ?? extent.end) == state.end else { return nil }
            try grow(taken.end)
            if let found { state.free.remove(at: found) }
            state.end = taken.end
            return Grant(extent: taken, zeroFrom: known?.size ?? 0)
        }
    }

    /// Takes an extent back. It is free when a table of contents that was begun later is durable.
    func retire(_ extent: Extent) { state.withLock { $0.retired.append(extent) } }

    /// A table of contents is made now: what was let go before is not in it.
    func beginTable() {
        state.withLock { state in
            state.leaving += state.retired
            state.retired.removeAll()
        }
    }

    /// The table that was begun is durable, so what is not in it can be used again, unless readers may still look there.
    func finishTable(isWatched: Bool) {
        state.withLock { state in
            guard !isWatched, !state.leaving.isEmpty else { return }
            var merged: [Extent] = []
            for extent in (state.free + state.leaving).sorted(by: { $0.offset < $1.offset }) {
                if let last = merged.last, last.end == extent.offset {
                    merged[merged.count - 1].size += extent.size
                } else {
                    merged.append(extent)
                }
            }
            state.free = merged
            state.leaving.removeAll()
        }
    }

    /// Lets the file end where its last extent does.
    /// - Returns: whether there was anything behind.
    func trim(_ cut: (Int) throws(DiskError) -> Void) throws(DiskError) -> Bool {
        try state.withLock { (state) throws(DiskError) in
            guard let last = state.free.last, last.end == state.end else { return false }
            try cut(last.offset)
            state.free.removeLast()
            state.end = last.offset
            return true
        }
    }
}
