// From a query to the commits that can hold its events, in the order of the query: over everything, or along the frames
// that list one aggregate.

internal import Recall

extension LogReader {
    /// How many frames ahead the bytes of an aggregate's frames are asked for.
    private static let prefetchDistance = 6

    /// Hands the events that a query wants to a consumer, in the order of the query.
    /// - Parameter published: the last position that may be seen.
    @inline(__always)
    func visit<Consumer: EventConsumer & ~Copyable>(
        _ query: EventQuery, published: UInt64, _ consumer: inout Consumer
    ) throws(StoreError) {
        let first = max(1, query.positions.lowerBound.rawValue)
        let last = min(published, query.positions.upperBound.rawValue)
        guard first <= last else { return }
        var commits = CommitReader(query, path: path)
        switch (query.scope, query.direction) {
        case (.all, .forwards): try visitForwards(first, last, &commits, &consumer)
        case (.all, .backwards): try visitBackwards(first, last, &commits, &consumer)
        case (.aggregate(let id), _), (.graph(let id), _):
            let id = RawIdentifier(id.uuid)
            try visitFrames(of: id, first, last, published, query, &commits, &consumer)
        }
    }

    private func visitForwards<Consumer: EventConsumer & ~Copyable>(
        _ first: UInt64, _ last: UInt64, _ commits: inout CommitReader, _ consumer: inout Consumer
    ) throws(StoreError) {
        let segments = contents.segments
        let place = place(of: first, in: segments)
        try walk(over: segments, from: place, start: first, end: last) {
            (commit, bytes) throws(StoreError) in
            try commits.read(commit, bytes, &consumer)
        }
    }

    /// Reads backwards in pieces: frames can be found from their beginning only, so each piece begins
    /// where the index knows a frame, and is turned around.
    private func visitBackwards<Consumer: EventConsumer & ~Copyable>(
        _ first: UInt64, _ last: UInt64, _ commits: inout CommitReader, _ consumer: inout Consumer
    ) throws(StoreError) {
        var end = last
        var piece = ReusedArray<CommitHeader>(capacity: 64)
        while end >= first {
            let segments = contents.segments
            let index = partitionIndex(of: segments.count) { segments[$0].header.firstPosition > end } - 1
            guard index >= 0 else { return }
            let file = segments[index]
            let start = try pieceStart(before: end, in: file)
            piece.removeAll()
            try forEachCommit(from: start, through: end, in: segments) { (commit, _) throws(StoreError) in
                piece.append(commit)
                return .goOn
            }
            let step = try file.withBytes { (bytes) throws(StoreError) -> WalkStep in
                var index = piece.count
                while index > 0 {
                    index -= 1
                    if try commits.read(piece[index], bytes, &consumer) == .stop { return .stop }
                }
                return .goOn
            }
            if step == .stop || start <= 1 { return }
            end = start - 1
        }
    }

    /// The first position of the commit that the index knows at or before a position.
    private func pieceStart(before position: UInt64, in file: SegmentFile) throws(StoreError) -> UInt64 {
        let offset = contents.offset(before: position, in: file)
        guard offset > file.header.framesOffset else { return file.header.firstPosition }
        return try file.withBytes { (bytes) throws(StoreError) in
            try commit(at: offset, in: file, bytes).firstPosition
        }
    }

    private func visitFrames<Consumer: EventConsumer & ~Copyable>(
        of id: RawIdentifier, _ first: UInt64, _ last: UInt64, _ published: UInt64, _ query: EventQuery,
        _ commits: inout CommitReader, _ consumer: inout Consumer
    ) throws(StoreError) {
        let references = try contents.references(to: id, published: published)
        let isForwards = query.direction == .forwards
        for number in 0 ..< references.count {
            let piece = references[isForwards ? number : references.count - 1 - number]
            let context = piece.file.context
            let step = try piece.file.withBytes { (bytes) throws(StoreError) -> WalkStep in
                let range = try relevant(piece, context, of: id, first, last, published, query, bytes)
                let count = range.count
                let all = piece.offsets[...]
                let offsets = all.span
                for ahead in 0 ..< min(Self.prefetchDistance, count) {
                    bytes.prefetch(
                        at: offsets[isForwards ? range.lowerBound + ahead : range.upperBound - 1 - ahead])
                }
                for step in 0 ..< count {
                    let ahead = step + Self.prefetchDistance
                    if ahead < count {
                        bytes.prefetch(
                            at: offsets[isForwards ? range.lowerBound + ahead : range.upperBound - 1 - ahead])
                    }
                    let offset = offsets[isForwards ? range.lowerBound + step : range.upperBound - 1 - step]
                    let commit = try commit(at: offset, in: piece.file, context, bytes)
                    guard commit.firstPosition <= last else {
                        if isForwards { return .stop }
                        continue
                    }
                    if try commits.read(commit, bytes, &consumer) == .stop { return .stop }
                }
                return .goOn
            }
            if step == .stop { return }
        }
    }

    /// The offsets of an aggregate's frames between two positions and, for its own stream, versions.
    /// Found by halving, so that a page far into a long stream does not read what lies before it; what is not
    /// bounded is not looked for.
    private func relevant(
        _ references: FrameReferences, _ context: SegmentContext, of id: RawIdentifier, _ first: UInt64,
        _ last: UInt64, _ published: UInt64, _ query: EventQuery, _ bytes: RawSpan
    ) throws(StoreError) -> Range<Int> {
        let offsets = references.offsets
        func boundary(_ isBehind: (CommitHeader) throws(StoreError) -> Bool) throws(StoreError) -> Int {
            var low = 0
            var high = offsets.count
            while low < high {
                let middle = (low + high) / 2
                let commit = try commit(at: offsets[middle], in: references.file, context, bytes)
                if try isBehind(commit) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        var lower = 0
        var upper = offsets.count
        if first > references.file.header.firstPosition {
            lower = try boundary { (commit) in commit.lastPosition >= first }
        }
        if last < published { upper = try boundary { (commit) in commit.firstPosition > last } }
        if case .aggregate = query.scope {
            let versions = query.versions
            if versions.lowerBound > .first {
                lower = max(
                    lower,
                    try boundary { (commit) throws(StoreError) in
                        (try stream(id, in: commit, bytes)?.version ?? 0) >= versions.lowerBound.rawValue
                    })
            }
            if versions.upperBound < .last {
                upper = min(
                    upper,
                    try boundary { (commit) throws(StoreError) in
                        (try stream(id, in: commit, bytes)?.previousVersion ?? 0)
                            >= versions.upperBound.rawValue
                    })
            }
        }
        return lower < upper ? lower ..< upper : 0 ..< 0
    }
}
