// Rewrites one sealed segment: estimates, writes, checks, and puts the new file in the place of the old. The only
// place where acknowledged data is replaced.
//
// Why no crash and no failure loses or changes an event: the new file is written beside the old one, under a name that
// no opening looks at; it is synced before it is checked, and checked against the old one, frame by frame, before it is
// renamed. The rename is atomic, so the segment's name leads to one of two whole and durable files that say the same;
// which of them a crash leaves does not matter. The directory is synced only so that the space of the old one is
// free for good. A crash before the rename leaves a `.new` file, which the next writer deletes. Nothing else refers to
// where a frame lies but indexes, and those are tied to the salt of the file that they were made of. A failed write or
// sync of the new file says nothing of the old one, and the log goes on.
//
// The old file is not kept as a spare for a segment to come, though one that was written before is synced faster: it
// would have to be moved to a second name before the first is taken, which no single rename does.

internal import Logging
internal import Recall
internal import Synchronization

/// The rewriting of a log's sealed segments, one at a time, by the one thread that keeps the log's indexes.
struct RewriteJob: Sendable {
    let contents: LogContents
    let configuration: LogConfiguration

    private var layout: any StoreLayout { contents.layout }

    /// Rewrites the next segment that waits, or finds that it is not worth it.
    /// - Returns: whether others may wait.
    func rewriteNext() -> Bool {
        guard !contents.isStopping.load(ordering: .relaxed), let file = contents.nextToRewrite else {
            return false
        }
        let number = file.header.number
        do throws(RewriteError) {
            guard let end = contents.endPosition(of: file), isWorthIt(file, endPosition: end) else {
                configuration.logger.debug(
                    "segment \(number) stays as it was appended: rewriting gains little")
                contents.declineRewriting(number)
                contents.keepIndexes(configuration.logger)
                return true
            }
            try contents.divideIndex(around: file, pause: pause)
            try rewrite(file, endPosition: end)
        } catch {
            if case .stopped = error { return false }
            contents.declineRewriting(number)
            report(error, number)
        }
        contents.keepIndexes(configuration.logger)
        return true
    }

    private func report(_ error: RewriteError, _ number: UInt64) {
        let message = "segment \(number) is not rewritten, and stays as it was appended: \(error.reason)"
        if case .disk(let failure) = error, failure.isOutOfSpace {
            configuration.logger.debug("\(message)")
        } else {
            configuration.logger.warning("\(message)")
        }
    }

    /// Ends the rewriting when the log closes; writes the indexes of segments that were sealed meanwhile, since they
    /// take memory.
    private func pause() throws(RewriteError) {
        if contents.isStopping.load(ordering: .relaxed) { throw .stopped }
        do throws(IndexBuildError) { try contents.keepSealed() } catch {
            configuration.logger.debug("an index was not written yet: \(error)")
        }
    }

    private func isWorthIt(_ file: SegmentFile, endPosition: UInt64) -> Bool {
        let estimate = RewriteEstimate(file, endPosition: endPosition, index: contents.index(of: file)) {
            contents.offset(before: $0, in: file)
        }
        return estimate.isWorthIt(gainMin: configuration.rewriteGainMin)
    }

    private func rewrite(_ old: SegmentFile, endPosition: UInt64) throws(RewriteError) {
        let number = old.header.number
        let rewriter = try SegmentRewriter(
            old, endPosition: endPosition, randomBits: configuration.randomBits(), pause: pause)
        let new: SegmentFile
        let index: ActiveIndex
        do throws(RewriteError) {
            new = try write(rewriter, number)
            index = try RewriteCheck(old: old, new: new).index(endPosition: endPosition, pause: pause)
            try pause()
            do throws(DiskError) { try layout.putReplacement(ofSegment: number) } catch { throw .disk(error) }
        } catch {
            layout.dropReplacement(ofSegment: number)
            throw error
        }
        do throws(DiskError) { try layout.syncSegments() } catch {
            // A crash may bring the old file back, which says the same.
            configuration.logger.warning("the rewritten segment \(number) is not sure to last: \(error)")
        }
        guard contents.replace(old, with: new, index) else {
            throw .unfit(
                "its index has changed meanwhile; the rewritten one is used when the log is next opened")
        }
        configuration.logger.debug(
            "segment \(number) is rewritten: \(old.header.capacity) bytes are \(new.header.capacity) now")
    }

    private func write(_ rewriter: SegmentRewriter, _ number: UInt64) throws(RewriteError) -> SegmentFile {
        let file: any DiskFile
        do throws(DiskError) { file = try layout.makeReplacement(ofSegment: number) } catch {
            throw .disk(error)
        }
        let header = try rewriter.write(to: file, pause: pause)
        do throws(StoreError) {
            let written = try SegmentFile(header: header, file: file, start: 0)
            written.closeFile()
            return written
        } catch {
            throw RewriteError(error)
        }
    }
}
