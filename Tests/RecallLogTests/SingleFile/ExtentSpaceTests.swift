// The free parts of a single file: which of them an extent is taken from.

import Testing

@testable import RecallLog

/// What a single-file store takes from the free parts of its file.
@Suite struct ExtentSpaceTests {
    private let unit = SingleFileFormat.roundedUp(1)

    /// Extents of one unit each in use around two gaps, the first of three units and the second of two.
    private func spaceWithGaps() -> ExtentSpace {
        let head = SingleFileFormat.headSize
        let used = [0, 4, 7].map { Extent(offset: head + $0 * unit, size: unit) }
        return ExtentSpace(used: used, fileSize: head + 8 * unit)
    }

    @Test func smallestGapThatIsLargeEnoughIsTaken() throws {
        let grant = try spaceWithGaps().allocate(2 * unit) { _ in }
        #expect(grant.extent.offset == SingleFileFormat.headSize + 5 * unit)
    }

    @Test func restOfAGapStaysFree() throws {
        let space = spaceWithGaps()
        _ = try space.allocate(unit) { _ in }
        let grant = try space.allocate(unit) { _ in }
        #expect(grant.extent.offset == SingleFileFormat.headSize + 6 * unit)
    }
}
