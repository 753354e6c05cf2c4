// The store that is salvaged, as far as it can be found out: its header may be missing, segments may be missing, foreign,
// headless, short, or where the medium fails. Nothing in it is ever written, not even its lock, and all of it is read by calls.

internal import Recall

/// What is left of a store's files.
struct SalvageSource {
    /// What is known of a segment before its frames are read.
    enum Segment {
        case readable(SegmentHeader)
        case lost(reason: String)
    }

    let layout: DirectoryLayout
    /// Nil where neither copy of the store's header holds, or its file is missing.
    let header: StoreHeader?
    /// By number, ascending.
    let segments: [(number: UInt64, segment: Segment)]
    /// What is wrong with the store's header, and with what leads to its files, and what the medium does not give back of
    /// them and of the headers of segments that are lost.
    let notes: [SalvageNote]
    /// What is known of the end of the store.
    let witness: StoreWitness
    /// What was found in a single file of which nothing leads to the segments; nil where names do.
    private let search: SegmentSearch?

    /// Looks at all headers.
    /// - Throws: `notFound`, `locked`, `unsupported`, `damaged` where a single file holds nothing that looks like a segment,
    ///   or what the system refused.
    static func find(at path: String, disk: any Disk) throws(StoreError) -> SalvageSource {
        let opening = StoreOpening(disk, access: .readOnly, configuration: LogConfiguration())
        do throws(StoreError) {
            return try SalvageSource(opening, opening.layout(at: path))
        } catch {
            guard error.code == .damaged, let layout = try singleFile(at: path, disk) else { throw error }
            try requireNoWriter(layout)
            let search = try SegmentSearch(layout.path, on: disk)
            guard !search.segments.isEmpty else { throw error }
            if let header = search.header { try opening.check(header, at: path) }
            return SalvageSource(search, layout, insteadOf: error)
        }
    }

    private static func singleFile(at path: String, _ disk: any Disk) throws(StoreError) -> DirectoryLayout? {
        let path = DirectoryLayout.normalized(path)
        do throws(DiskError) {
            let inside = try StoreDisk.inside(ofStoreAt: path, on: disk, isReadOnly: true)
            guard inside is SingleFileDisk else { return nil }
            return DirectoryLayout(path: path, disk: inside, isReadOnly: true)
        } catch {
            throw StoreError(error, doing: "look for segments in \(path)")
        }
    }

    private init(_ search: SegmentSearch, _ layout: DirectoryLayout, insteadOf error: StoreError) {
        self.search = search
        witness = .none
        self.layout = layout
        header = search.header
        segments = search.segments.map { ($0.number, .readable($0)) }
        let reason = (error.cause as? DiskError)?.call ?? error.message
        let note = SalvageNote(
            segment: nil, offset: nil, reason: "\(reason); the segments were found by their headers")
        let unreadable = search.unreadable.map {
            SalvageNote(segment: nil, unreadable: $0, of: layout.path)
        }
        notes = [note] + unreadable + (header == nil ? [Self.headerIsLost] : [])
    }

    private static let headerIsLost = SalvageNote(
        segment: nil, offset: nil,
        reason: "no copy of the store's header could be read; the new store has one of its own")

    private init(_ opening: StoreOpening, _ layout: DirectoryLayout) throws(StoreError) {
        try Self.requireNoWriter(layout)
        var notes: [SalvageNote] = []
        for copy in try layout.damagedCopiesOfContents() {
            notes.append(SalvageNote(segment: nil, offset: copy.offset, reason: copy.finding))
            notes += copy.unreadable.map { SalvageNote(segment: nil, unreadable: $0, of: layout.path) }
        }
        let numbers = try layout.segmentNumbers()
        var header: StoreHeader?
        do throws(StoreError) {
            header = try opening.header(of: layout)
        } catch {
            // A directory with neither a header nor segments is no store, and says so here.
            guard error.code == .damaged else { throw error }
            notes.append(Self.headerIsLost)
        }
        var witness = StoreWitness.none
        if let header {
            let marks = try layout.marks(of: header)
            witness = layout.witness(marks)
            for copy in try layout.damagedCopies(of: header) + marks.damagedCopies {
                notes.append(SalvageNote(segment: nil, offset: copy.offset, reason: copy.finding))
            }
        }
        self.witness = witness
        notes += layout.unreadableHeader(at: layout.headerPath).map {
            SalvageNote(segment: nil, unreadable: $0, of: layout.headerPath)
        }
        let storeID = header?.storeID ?? Self.mostFrequentStoreID(layout, numbers)
        var segments: [(number: UInt64, segment: Segment)] = []
        for number in numbers {
            let segment = try Self.look(at: number, in: layout, storeID: storeID)
            segments.append((number, segment))
            if case .lost = segment {
                let path = layout.segmentPath(number)
                notes += layout.unreadableHeader(at: path).map {
                    SalvageNote(segment: number, unreadable: $0, of: path)
                }
            }
        }
        search = nil
        self.layout = layout
        self.header = header
        self.segments = segments
        self.notes = notes
    }

    /// A writer would append behind what was copied, and replace segments while they are read.
    func requireNoWriter() throws(StoreError) { try Self.requireNoWriter(layout) }

    private static func requireNoWriter(_ layout: DirectoryLayout) throws(StoreError) {
        guard try StoreLockView.isHeld(in: layout) else { return }
        throw StoreError(
            .locked,
            "The store at \(layout.path) is in use by a writer: close it there, then salvage what is whole.")
    }

    /// Where the store's own header is lost, its segments say whose they are.
    private static func mostFrequentStoreID(
        _ layout: DirectoryLayout, _ numbers: [UInt64]
    ) -> RawIdentifier {
        var counts: [RawIdentifier: Int] = [:]
        for number in numbers {
            guard let header = try? layout.damagedSegmentHeader(number, storeID: nil) else { continue }
            counts[header.storeID, default: 0] += 1
        }
        let found = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return found?.key ?? RawIdentifier(high: 0, low: 0)
    }

    private static func look(
        at number: UInt64, in layout: DirectoryLayout, storeID: RawIdentifier
    ) throws(StoreError) -> Segment {
        do throws(StoreError) {
            return .readable(try layout.damagedSegmentHeader(number, storeID: storeID))
        } catch {
            guard isLoss(error) else { throw error }
            guard error.code == .damaged, let cause = error.cause as? FormatError else {
                return .lost(reason: error.message)
            }
            return .lost(reason: "neither copy of the segment's header is of use: \(cause)")
        }
    }

    /// Whether bytes are lost, rather than out of reach for now, which is no reason to do without them.
    static func isLoss(_ error: StoreError) -> Bool {
        error.code == .damaged || error.code == .notFound
            || (error.cause as? DiskError)?.isMediaFailure == true
    }

    /// Reads a segment whose header holds into memory, as far as its file goes and the medium gives it back.
    func open(_ header: SegmentHeader) throws(StoreError) -> SegmentFile {
        if let search { return try search.open(header) }
        return try layout.openDamagedSegment(header)
    }

    /// Whether nothing says which segments there were.
    var isSearched: Bool { search != nil }

    /// Why segments between others are lost.
    func reasonForMissing(_ numbers: ClosedRange<UInt64>) -> String {
        switch (isSearched, numbers.count) {
        case (false, 1): "the segment's file is missing"
        case (false, _): "the files of segments \(numbers.lowerBound) to \(numbers.upperBound) are missing"
        case (true, 1): "no header of the segment was found"
        case (true, _):
            "no headers of segments \(numbers.lowerBound) to \(numbers.upperBound) were found"
        }
    }

    /// What all files of segments are said to hold, in bytes.
    var byteCount: Int {
        segments.reduce(0) { sum, item in
            if case .readable(let header) = item.segment { sum + header.capacity } else { sum }
        }
    }
}
