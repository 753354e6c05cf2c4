// What an index file is made of: indexes in memory, smaller files, or both, in the order of their
// frames.

/// A part of an index file to be.
package enum IndexInput: Sendable {
    case file(IndexFile)
    case active(ActiveIndex)

    var aggregateCount: Int {
        switch self {
        case .file(let file): file.aggregateCount
        case .active(let index): index.aggregateCount
        }
    }

    var eventIDCount: Int {
        switch self {
        case .file(let file): file.eventIDCount
        case .active(let index): index.eventIDCount
        }
    }

    var referenceCount: Int {
        switch self {
        case .file(let file): file.referenceCount
        case .active(let index): index.referenceCount
        }
    }

    package var coverage: IndexCoverage {
        switch self {
        case .file(let file): file.coverage
        case .active(let index): index.coverage
        }
    }

    var firstSegment: UInt64 {
        switch self {
        case .file(let file): file.header.segmentNumbers.lowerBound
        case .active(let index): index.coverage.segmentNumber
        }
    }

    var eventIDs: (min: RawIdentifier, max: RawIdentifier) {
        switch self {
        case .file(let file): (file.header.idMin, file.header.idMax)
        case .active(let index): (index.idMin, index.idMax)
        }
    }
}
