// The two places of a superblock as they are read: which of them is taken, whether both say the same, and in which order they
// are written again, so that at each moment one whole superblock that may be believed is durable.

/// What stands in both places of a superblock.
struct SuperblockPair {
    /// One of them.
    private struct Place {
        var offset: Int
        var found: Result<Superblock, FormatError>
        /// Whether there is nothing in it but parts of what the making of a file writes.
        var isUnfinished: Bool
        /// Tells its bytes from those of another look.
        var fingerprint: UInt32
        /// In the file.
        var unreadable: [Range<Int>] = []

        var superblock: Superblock? { try? found.get() }
    }

    private let places: [Place]

    /// Reads both places. One that the medium does not give back is a damaged one.
    init(_ file: any DiskFile) throws(DiskError) {
        var places: [Place] = []
        for offset in SingleFileFormat.superblockOffsets {
            let sector = try FileCopy(file, from: offset, upTo: Format.headerSize)
            if sector.unreadable.isEmpty {
                places.append(sector.withBytes { Self.place(at: offset, $0) })
            } else {
                places.append(
                    Place(
                        offset: offset, found: .failure(.unreadable), isUnfinished: false, fingerprint: 0,
                        unreadable: [offset ..< offset + sector.count]))
            }
        }
        self.places = places
    }

    private static func place(at offset: Int, _ bytes: RawSpan) -> Place {
        let found: Result<Superblock, FormatError>
        do throws(FormatError) { found = .success(try Superblock(decoding: bytes)) } catch {
            found = .failure(error)
        }
        return Place(
            offset: offset, found: found, isUnfinished: Superblock.isPartOfFirst(bytes),
            fingerprint: Checksum.crc32c(bytes))
    }

    /// What the medium does not give back, in bytes of the file.
    var unreadable: [Range<Int>] { places.flatMap(\.unreadable) }

    /// Whether one was written by a newer program.
    var isOfUnknownVersion: Bool {
        places.contains { place in
            if case .failure(let error) = place.found { error.isOfUnknownVersion } else { false }
        }
    }

    /// The one of the highest generation that holds; nil where none does, or one is of a newer program: what the other
    /// leads to is older than what that has written.
    var latest: Superblock? {
        if isOfUnknownVersion { return nil }
        return places.compactMap(\.superblock).max { $0.generation < $1.generation }
    }

    /// Whether both places hold the same.
    var isSettled: Bool {
        guard let latest else { return false }
        return places.allSatisfy { $0.superblock == latest }
    }

    /// In which order the latest is written to both places. First where nothing holds: should that write spoil the sector,
    /// nothing is lost. Then where the latest stands, since whoever wrote it may have been ended before its sync, and last
    /// where an older one does, which a crash may lead back to until then.
    var writingOrder: [Int] {
        func rank(_ place: Place) -> Int {
            guard let superblock = place.superblock else { return 0 }
            return superblock == latest ? 1 : 2
        }
        return places.sorted { rank($0) < rank($1) }.map(\.offset)
    }

    /// What is wrong with a place beside the one that is taken. Two states are as they should be: one generation apart, as
    /// somebody leaves them who was ended between the writes of a change, and unfinished, as the making of the file does. The
    /// latter goes on up to the first table: a later change finds both places written.
    var damagedCopies: [DamagedCopy] {
        guard let latest else { return [] }
        return places.compactMap { place in
            let reason: FormatError
            switch place.found {
            case .failure(let error):
                if place.isUnfinished, latest.generation <= 1 { return nil }
                reason = error
            case .success(let other):
                if other == latest || other.generation + 1 == latest.generation { return nil }
                reason = FormatError(
                    other.generation == latest.generation
                        ? "it says something else than the other copy"
                        : "it is of generation \(other.generation), and the other of \(latest.generation)")
            }
            return DamagedCopy(
                subject: .superblock, offset: place.offset, reason: reason, isSpare: true,
                fingerprint: place.fingerprint, unreadable: place.unreadable)
        }
    }
}
