// Whether a store that is followed is still the one that was read: it may have been restored to an earlier moment meanwhile, or its files
// replaced by older ones. Then what was read is not in it, and waiting for more would be waiting for ever, or for other events
// at positions that were passed.

internal import Recall

/// What a follower has taken up, and when it last saw that it is still there.
struct FollowerProof: Sendable {
    private let header: StoreHeader
    private let interval: Duration
    private var end: StoreMark.End?
    private var lastLook = ContinuousClock.now

    init(of recovered: RecoveredLog, interval: Duration) {
        header = recovered.header
        self.interval = interval
        if let chain = recovered.chain, let tail = recovered.tail { note(chain, in: tail) }
    }

    /// Keeps what there is up to the end of a chain.
    mutating func note(_ chain: FrameChain, in tail: SegmentFile) {
        end = tail.withBytes { bytes in
            StoreMark.End(of: tail.header, offset: chain.offset, nextPosition: chain.nextPosition, bytes)
        }
    }

    /// Looks at the files again, by their names, when it is time to.
    /// - Throws: `anotherHistory` where the store is another, or does not hold what was read.
    mutating func check(_ layout: DirectoryLayout) throws(StoreError) {
        let now = ContinuousClock.now
        guard now - lastLook >= interval else { return }
        lastLook = now
        let present: StoreHeader?
        do throws(StoreError) { present = try layout.readStoreHeader() } catch { throw told(error, layout) }
        guard let present else { throw goneBack(layout, "it is not there any more") }
        guard present.storeID == header.storeID, present.incarnation == header.incarnation else {
            throw goneBack(layout, "it is another store now, or was restored to an earlier moment")
        }
        guard let end else { return }
        let found: SegmentHeader
        do throws(StoreError) {
            found = try layout.segmentHeader(end.segmentNumber, storeID: header.storeID)
        } catch { throw told(error, layout) }
        // The same in another form has a successor, to which the frames that were read lead.
        if found.isRewritten { return }
        guard found.salt == end.salt, found.firstPosition == end.firstPosition, try holds(end, found, layout)
        else {
            throw goneBack(layout, "segment \(end.segmentNumber) does not hold what was read of it")
        }
    }

    private func holds(
        _ end: StoreMark.End, _ found: SegmentHeader, _ layout: DirectoryLayout
    ) throws(StoreError) -> Bool {
        do throws(DiskError) {
            let file = try layout.openFile(ofSegment: end.segmentNumber)
            let start = max(found.framesOffset, end.offset - Format.markedByteCount)
            guard start <= end.offset else { return false }
            let bytes = try DiskBytes.read(file, from: start, count: end.offset - start)
            return bytes.withBytes { Checksum.crc32c($0) } == end.checksum
        } catch {
            throw StoreError(error, doing: "look at segment \(end.segmentNumber)")
        }
    }

    /// What cannot be read now says nothing of what is there; what is damaged or missing does.
    private func told(_ error: StoreError, _ layout: DirectoryLayout) -> StoreError {
        error.code == .damaged || error.code == .notFound ? goneBack(layout, error.message) : error
    }

    private func goneBack(_ layout: DirectoryLayout, _ reason: String) -> StoreError {
        let position = Position((end?.nextPosition ?? 1) - 1)
        return .anotherHistory(position, "\(layout.path) is not what it was when it was opened: \(reason)")
    }
}
