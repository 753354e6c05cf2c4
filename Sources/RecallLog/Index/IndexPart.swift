// One index of an open log: which segments it answers for, and with what. Never changes: where a better one
// takes its place, whoever holds this one goes on with it.

internal import Recall

/// Why an index does not answer.
struct IndexPartFailure: Error {
    enum Reason {
        /// There is no index yet: it is made from the frames.
        case missing
        /// Its file does not hold.
        case damaged
        /// Frames of the segment are lost, so what the index does not find may have been there.
        case incomplete(DamagedRegion)
    }

    let part: IndexPart
    let reason: Reason
}

/// The index of segments that follow each other, or of the beginning or the end of one.
final class IndexPart: Sendable {
    enum Content: Sendable {
        case missing
        case file(IndexFile)
        case memory(FrozenIndex)
        case incomplete(FrozenIndex, DamagedRegion)
    }

    let segmentNumbers: ClosedRange<UInt64>
    let content: Content
    /// Whether the last segment goes on behind what is covered, or begins before it.
    let isPartial: Bool

    init(_ segmentNumbers: ClosedRange<UInt64>, _ content: Content, isPartial: Bool = false) {
        self.segmentNumbers = segmentNumbers
        self.content = content
        self.isPartial = isPartial
    }

    var file: IndexFile? {
        if case .file(let file) = content { return file }
        return nil
    }

    var isInMemory: Bool {
        if case .memory = content { return true }
        return false
    }

    /// As a part of a file to be made; nil where there is nothing to make it of.
    var input: IndexInput? {
        switch content {
        case .file(let file): .file(file)
        case .memory(let frozen): .memory(frozen)
        case .missing, .incomplete: nil
        }
    }

    private func fail(_ reason: IndexPartFailure.Reason) -> IndexPartFailure {
        IndexPartFailure(part: self, reason: reason)
    }

    // MARK: Look-ups

    func aggregate(_ id: RawIdentifier) throws(IndexPartFailure) -> AggregateEntry? {
        switch content {
        case .file(let file):
            do throws(FormatError) { return try file.aggregate(id)?.entry } catch { throw fail(.damaged) }
        case .memory(let frozen): return frozen.index.aggregate(id)
        case .missing: throw fail(.missing)
        case .incomplete(_, let damage): throw fail(.incomplete(damage))
        }
    }

    /// Lends each frame that lists an aggregate, in order: the number of its segment, and its offset.
    func forEachReference(
        to id: RawIdentifier, _ body: (UInt64, Int) -> Void
    ) throws(IndexPartFailure) {
        switch content {
        case .file(let file):
            do throws(FormatError) {
                guard let aggregate = try file.aggregate(id) else { return }
                for index in try file.references(of: aggregate) {
                    let reference = try file.reference(at: index)
                    body(segmentNumbers.lowerBound + UInt64(reference.ordinal), Int(reference.offset))
                }
            } catch { throw fail(.damaged) }
        case .memory(let frozen):
            for offset in frozen.index.offsets(of: id) { body(segmentNumbers.lowerBound, offset) }
        case .missing: throw fail(.missing)
        case .incomplete(_, let damage): throw fail(.incomplete(damage))
        }
    }

    /// Whether frames may hold any of some event ids.
    func mayHold(_ ids: [RawIdentifier]) throws(IndexPartFailure) -> Bool {
        switch content {
        case .file(let file):
            do throws(FormatError) {
                for id in ids where try file.mayHold(id) { return true }
                return false
            } catch { throw fail(.damaged) }
        case .memory(let frozen): return ids.contains { frozen.index.mayHold($0) }
        case .missing: throw fail(.missing)
        case .incomplete(_, let damage): throw fail(.incomplete(damage))
        }
    }

    /// Lends each frame that may hold an event id: the number of its segment, and its offset.
    func forEachCandidate(
        for id: RawIdentifier, _ body: (UInt64, Int) -> Void
    ) throws(IndexPartFailure) {
        switch content {
        case .file(let file):
            do throws(FormatError) {
                for reference in try file.references(toEvent: id) {
                    body(segmentNumbers.lowerBound + UInt64(reference.ordinal), Int(reference.offset))
                }
            } catch { throw fail(.damaged) }
        case .memory(let frozen):
            for offset in frozen.index.offsets(ofFingerprint: id.fingerprint) {
                body(segmentNumbers.lowerBound, offset)
            }
        case .missing: throw fail(.missing)
        case .incomplete(_, let damage): throw fail(.incomplete(damage))
        }
    }

    /// The offset of a commit frame at or before a position in one of the segments; nil where none is known.
    func offset(before position: UInt64, inSegment number: UInt64) throws(IndexPartFailure) -> Int? {
        switch content {
        case .file(let file):
            let ordinal = UInt32(truncatingIfNeeded: number - segmentNumbers.lowerBound)
            do throws(FormatError) {
                return try file.offset(before: position, inSegment: ordinal)
            } catch { throw fail(.damaged) }
        case .memory(let frozen), .incomplete(let frozen, _): return frozen.index.offset(before: position)
        case .missing: throw fail(.missing)
        }
    }
}
