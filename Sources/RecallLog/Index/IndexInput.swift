// What an index file is made of: indexes in memory, smaller files, or both, in the order of their
// frames.

/// A part of an index file to be.
package enum IndexInput: Sendable {
    case file(IndexFile)
    case memory(FrozenIndex)

    package static func active(_ index: ActiveIndex) -> IndexInput { .memory(FrozenIndex(index)) }

    var aggregateCount: Int {
        switch self {
        case .file(let file): file.aggregateCount
        case .memory(let frozen): frozen.index.aggregateCount
        }
    }

    var eventIDCount: Int {
        switch self {
        case .file(let file): file.eventIDCount
        case .memory(let frozen): frozen.index.eventIDCount
        }
    }

    var referenceCount: Int {
        switch self {
        case .file(let file): file.referenceCount
        case .memory(let frozen): frozen.index.referenceCount
        }
    }

    package var coverage: IndexCoverage {
        switch self {
        case .file(let file): file.coverage
        case .memory(let frozen): frozen.index.coverage
        }
    }

    var firstSegment: UInt64 {
        switch self {
        case .file(let file): file.header.segmentNumbers.lowerBound
        case .memory(let frozen): frozen.index.coverage.segmentNumber
        }
    }

    var eventIDs: (min: RawIdentifier, max: RawIdentifier) {
        switch self {
        case .file(let file): (file.header.idMin, file.header.idMax)
        case .memory(let frozen): (frozen.index.idMin, frozen.index.idMax)
        }
    }
}
