// What opening finds: the segments, where the tail ends and how. Finding it writes nothing, so that
// opening can crash and be repeated, and reading does the same beside a writer.

package import Recall

/// A log as it was found.
package struct RecoveredLog: Sendable {
    package var header: StoreHeader
    package var segments: [SegmentFile]
    /// Behind the last frame of the tail; nil in a log without segments.
    package var chain: FrameChain?
    package var ending: SegmentEnding = .end
    /// The part of the tail's index that is in a file.
    package var base: IndexFile?
    /// The rest of it.
    package var active: ActiveIndex?
    /// Rot in what is not sealed yet.
    package var damage: [DamagedRegion] = []

    /// Whole commits of the last session behind a frame that does not hold, where nothing proves that they were synced.
    package private(set) var behindEnd: TailRest?

    /// Whether the tail has an index that cannot be believed.
    package private(set) var isTailIndexIgnored = false
    package var tail: SegmentFile? { segments.last }
    package var isTailSealed: Bool { ending == .sealed }
    package var nextPosition: UInt64 { chain?.nextPosition ?? 1 }
    package var epoch: UInt32 { chain?.epoch ?? 0 }
    package var durablePosition: UInt64 { chain?.durablePosition ?? 0 }
    package var lastTime: Int64 { active?.coverage.lastTime ?? .min }
    package var frameCount: Int { active?.coverage.frameCount ?? 0 }
    /// Whether the last session that appended ended with a clean close.
    package var wasClosedCleanly: Bool { chain.map { $0.lastKind == .close } ?? true }

    /// Reads what opening has to know.
    ///
    /// - Parameters:
    ///   - witness: what must be there.
    ///   - limitPosition: frames behind it are not looked at, since a writer may be at them.
    /// - Throws: `damaged` where a header does not hold or a segment is missing; rot in frames is returned.
    package init(
        _ header: StoreHeader, in layout: any StoreLayout, witness: StoreWitness,
        limitPosition: UInt64 = .max
    ) throws(StoreError) {
        var cases = RecoveryCases()
        try self.init(header, in: layout, witness: witness, limitPosition: limitPosition, noting: &cases)
    }

    /// Reads what opening has to know, and notes which cases it met, also where it throws.
    package init(
        _ header: StoreHeader, in layout: any StoreLayout, witness: StoreWitness, limitPosition: UInt64,
        noting cases: inout RecoveryCases
    ) throws(StoreError) {
        self.header = header
        let numbers = try layout.segmentNumbers()
        segments = []
        segments.reserveCapacity(numbers.count)
        for (index, number) in numbers.enumerated() {
            let expected = UInt64(index) + 1
            guard number == expected else {
                cases.insert(.segmentMissing)
                throw .missingSegment(expected, before: number, in: layout.path)
            }
            let file: SegmentFile
            do throws(StoreError) {
                file = try layout.openSegment(number, storeID: header.storeID)
            } catch {
                if error.code == .damaged { cases.insert(.segmentDamaged) }
                throw error
            }
            if let last = segments.last, file.header.firstPosition < last.header.firstPosition {
                cases.insert(.segmentMisplaced)
                throw StoreError(
                    .damaged,
                    "Segment \(number) of \(layout.path) begins at position \(file.header.firstPosition), before the segment in front of it: restore a backup."
                )
            }
            segments.last?.closeFile()
            segments.append(file)
        }
        do throws(StoreError) { try witness.check(numbers, in: layout.path) } catch {
            cases.insert(.lastSegmentMissing)
            throw error
        }
        guard let tail = segments.last else {
            cases.insert(.logEmpty)
            return
        }
        do throws(StoreError) { try witness.check(tail.header, in: layout.path) } catch {
            cases.insert(.lastSegmentReplaced)
            throw error
        }
        var covered = CoveredEnd.none
        if let map = layout.openIndex(of: tail.header.number ... tail.header.number) {
            let index = try? IndexFile(map, of: [tail.header])
            base = index.flatMap {
                Self.lastKind(behind: $0, in: tail).map { $0 != .seal } == true ? $0 : nil
            }
            // It is of no use where frames at its end are lost, and still tells that they were there.
            covered = index.map { CoveredEnd($0.coverage) } ?? .none
            isTailIndexIgnored = base == nil
            cases.insert(base == nil ? .tailIndexIgnored : .tailIndexUsed)
        } else {
            cases.insert(.tailIndexMissing)
        }
        let start = base?.coverage ?? IndexCoverage(startOf: tail.header)
        var scan = try SegmentScan(
            tail, from: start, limitPosition: limitPosition, covered: covered, witness: witness)
        if tail.header.sabotages.contains(.cutTailEarly), scan.ending == .torn, scan.chain.nextPosition > 2 {
            scan = try SegmentScan(tail, from: start, limitPosition: scan.chain.nextPosition - 2)
        }
        chain = scan.chain
        if chain?.lastKind == nil, start.frameCount > 0 { chain?.lastKind = .close }
        ending = scan.ending
        active = scan.index
        // Where a session's last frame alone is lost, all events are there, and the next session takes its place.
        let end = scan.chain
        damage = scan.damage.filter { region in
            region.positions != nil || region.offset != end.offset
                || scan.ending != .torn && scan.ending != .end
                || !scan.cases.contains(.lossProvedByMark) && !scan.cases.contains(.lossProvedByIndex)
        }
        behindEnd = scan.behindEnd
        cases.formUnion(scan.cases)
        if scan.cases.contains(.markContradicted), let contradiction = scan.damage.last {
            throw contradiction.error(in: layout.path)
        }
        if let found = tail.context.dictionaryCase { cases.insert(found) }
    }

    /// What the last frame is that an index of the tail covers; nil where that cannot be seen. An index that was made of the
    /// whole segment, while there was a next one whose name a crash took, ends behind the seal.
    private static func lastKind(behind index: IndexFile, in tail: SegmentFile) -> FrameKind? {
        let coverage = index.coverage
        guard
            let near = try? index.offset(before: coverage.nextPosition, inSegment: 0) ?? coverage.startOffset
        else { return nil }
        return tail.withBytes { bytes in
            var offset = near
            var kind: FrameKind?
            while offset < coverage.endOffset {
                guard let frame = try? FrameHeader.decode(bytes, at: offset, in: tail.header) else {
                    return nil
                }
                kind = frame.kind
                offset = frame.endOffset
            }
            return offset == coverage.endOffset ? kind : nil
        }
    }

    /// - Throws: `unsupported` where a newer program has said in a segment that others may only read.
    package func checkMayAppend(at path: String) throws(StoreError) {
        guard let segment = segments.first(where: { $0.header.extensions.forbidsWriting }) else { return }
        throw StoreError(
            .unsupported,
            "Segment \(segment.header.number) of \(path) has an extension with which this version of Recall may only read: open the store for reading only, or with a newer version."
        )
    }

    /// The first damage that cost events, which makes look-ups in the tail uncertain.
    package var lossyDamage: DamagedRegion? { damage.first { $0.positions != nil } }
}

extension StoreError {
    /// A number is left out among the segments of a store.
    static func missingSegment(_ expected: UInt64, before number: UInt64, in path: String) -> StoreError {
        StoreError(
            .damaged,
            "\(path) has no segment \(expected), though it has segment \(number): put the missing file back, or restore a backup."
        )
    }
}
