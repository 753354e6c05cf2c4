// What opening can find, as values: each is a row of the tables in docs/format.md, "What opening does", under the same
// name. A test holds the two together, and others that each case is reached.

/// A case of what opening, or reading a sealed segment, finds.
package enum RecoveryCase: UInt8, CaseIterable, Hashable, Sendable {
    // Whether there is a store.
    /// Nothing stands at the path.
    case storeMissing
    /// A directory without a header, and nothing in it but what the making of a store leaves.
    case creationInterrupted
    /// A directory without a header, and something in it that no store has.
    case strangerFound
    /// Segments, but no header.
    case headerMissing
    /// A header that does not hold.
    case headerDamaged
    /// A file that ends in `.new`.
    case unfinishedFile

    // Which segments there are.
    /// None.
    case logEmpty
    /// A number is left out.
    case segmentMissing
    /// A header does not hold or is another's, or the file is too short.
    case segmentDamaged
    /// A segment begins before the one in front of it.
    case segmentMisplaced
    /// The mark names a segment behind the last one.
    case lastSegmentMissing
    /// The last one is not the file that the mark names.
    case lastSegmentReplaced

    // What is known of the last one beside its frames.
    /// No index of it.
    case tailIndexMissing
    /// An index that holds covers its beginning.
    case tailIndexUsed
    /// An index that does not hold, or is of another file.
    case tailIndexIgnored
    /// The first copy of its dictionary does not hold, the second does.
    case dictionaryCopyDamaged
    /// Neither copy holds.
    case dictionaryLost

    // Where its chain stops.
    /// Case 1.
    case end
    /// Case 2, and no frame behind.
    case tornFrame
    /// Case 2, with frames behind that prove nothing.
    case tornGroup
    /// Case 3, proof (a).
    case rotProvedByWatermark
    /// Case 3, proof (b).
    case rotProvedByEpoch
    /// Case 3, and no proof but the mark, or what a killed writer left.
    case lossProvedByMark
    /// Case 3, and no proof but an index that was made at a clean close.
    case lossProvedByIndex
    /// The chain goes on beyond the marked place, and what stands in front of it is something else.
    case markContradicted
    /// Case 6.
    case contentUnreadable
    /// Case 4.
    case sealed
    /// A writer may be at what follows.
    case limit

    // Where the chain of a segment with a successor stops.
    /// Case 5, with frames behind.
    case rotBeforeSuccessor
    /// Case 5, without.
    case sealLost
    /// A seal stands where the next segment does not begin.
    case sealMisplaced
}

/// A set of them, without memory of its own.
package struct RecoveryCases: Hashable, Sendable {
    private var bits: UInt64 = 0

    package init() {}

    package mutating func insert(_ found: RecoveryCase) { bits |= 1 << UInt64(found.rawValue) }

    package mutating func formUnion(_ others: RecoveryCases) { bits |= others.bits }

    package func contains(_ found: RecoveryCase) -> Bool { bits & 1 << UInt64(found.rawValue) != 0 }

    /// In the order of the tables.
    package var all: [RecoveryCase] { RecoveryCase.allCases.filter(contains) }
}
