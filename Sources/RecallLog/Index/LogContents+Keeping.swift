// Writing index files: those of sealed segments, beside the appends; larger ones of several of these, so
// that a look-up touches few however many segments there are; and the tail's, when a log is closed.
//
// A file has its name only when it is whole and durable; those it stands for are deleted after that.

internal import Logging

internal import Synchronization

extension LogContents {
    /// Ends merging at the next block, for good. What is in memory is still written.
    package func stopMerging() { isStopping.store(true, ordering: .relaxed) }

    /// Writes the indexes that are in memory to files, and merges files while that is due. One thread at a
    /// time does this, and nobody waits for it.
    func keepIndexes(_ logger: Logger) {
        do throws(IndexBuildError) {
            try keepSealed()
            while !isStopping.load(ordering: .relaxed), let parts = nextToMerge {
                do throws(IndexBuildError) {
                    // A segment that is sealed meanwhile comes first: its index takes memory.
                    try merge(parts) { [self] () throws(IndexBuildError) in
                        if isStopping.load(ordering: .relaxed) { throw .stopped }
                        try keepSealed()
                    }
                } catch {
                    guard case .damaged(let input, _) = error else { throw error }
                    logger.warning("an index file is damaged, and is made again when it is needed")
                    try? repair(parts[input])
                }
            }
        } catch {
            if case .stopped = error { return }
            logger.warning("an index was not written, and is made again when it is needed: \(error)")
        }
    }

    var sealed: SealedIndexes { state.withLock { $0.sealed } }

    private var nextToMerge: [IndexPart]? {
        let sealed = sealed
        let held = firstHeldSegment(of: sealed) ?? .max
        return sealed.firstToMerge { $0.segmentNumbers.lowerBound < held }
    }

    func keepSealed() throws(IndexBuildError) {
        while let parts = sealed.firstInMemory {
            do throws(IndexBuildError) {
                // Not the one that a repair keeps, too.
                try repairs.withLock { (_) throws(IndexBuildError) in try keep(parts) }
            } catch {
                guard case .damaged(let input, _) = error else { throw error }
                try? repair(parts[input])
            }
        }
    }

    /// Writes a file for the indexes of one segment, and maps it in their place.
    func keep(_ parts: [IndexPart]) throws(IndexBuildError) { try write(parts) }

    private func merge(
        _ parts: [IndexPart], pause: @escaping () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        try write(parts, pause: pause)
        for part in parts { layout.deleteIndex(of: part.segmentNumbers) }
    }

    /// Makes one file of several indexes, and puts it in their place.
    private func write(
        _ parts: [IndexPart], pause: @escaping () throws(IndexBuildError) -> Void = {}
    ) throws(IndexBuildError) {
        guard let first = parts.first, let last = parts.last else { return }
        let numbers = first.segmentNumbers.lowerBound ... last.segmentNumbers.upperBound
        let headers = sealed.headers(of: numbers)
        let builder = try IndexBuilder(parts.compactMap(\.input), of: headers)
        try layout.writeIndex(of: numbers) { (file) throws(IndexBuildError) in
            try builder.write(to: file, pause: pause)
        }
        guard let map = layout.openIndex(of: numbers), let file = try? IndexFile(map, of: headers),
            replace(parts, with: [IndexPart(numbers, .file(file))])
        else {
            // What it was made of has changed meanwhile, or it cannot be read back.
            layout.deleteIndex(of: numbers)
            throw .unfit
        }
    }

    /// Writes the index of the tail, so that the next opening need not read its frames.
    /// - Parameter frameCountMin: how many frames behind those that a file covers are worth it.
    package func keepTailIndex(frameCountMin: Int) {
        let (tail, base, active) = state.withLock { ($0.tail, $0.base, $0.active) }
        guard let tail, let active else { return }
        let coveredCount = base?.file?.coverage.frameCount ?? 0
        guard active.coverage.frameCount - coveredCount > frameCountMin else { return }
        let number = tail.header.number
        var inputs: [IndexInput] = []
        if let base {
            guard let input = base.input else { return }
            inputs.append(input)
        }
        inputs.append(.active(active))
        // Derived: without it the next opening reads the frames.
        do throws(IndexBuildError) {
            let builder = try IndexBuilder(inputs, of: [tail.header])
            try layout.writeIndex(of: number ... number) { (file) throws(IndexBuildError) in
                try builder.write(to: file)
            }
        } catch {
            // A base that does not hold would be believed by the next opening.
            if case .damaged = error { layout.deleteIndex(of: number ... number) }
        }
    }
}
