// What the dictionary of a rewritten segment holds: pieces of bodies from all over it, since all of it is known.

internal import Recall

/// Gathers pieces of bodies.
enum DictionaryContent {
    /// - Parameter places: commits that are spread evenly; of these, as many as there is room for, spread evenly, too.
    static func gather(
        from places: [CommitHeader], _ bytes: RawSpan, bytesMax: Int
    ) throws(RewriteError) -> [UInt8] {
        // One large body must not fill a small dictionary.
        let pieceBytesMax = max(64, bytesMax / 16)
        let pieceBytes = { (commit: CommitHeader) in
            min(pieceBytesMax, DictionaryTrainer.takenBytes(ofBody: commit.rawSize))
        }
        var trainer = DictionaryTrainer(contentBytesMax: bytesMax)
        var memory = BodyMemory()
        let total = places.reduce(0) { $0 + pieceBytes($1) }
        guard total > 0, bytesMax > 0 else { return [] }
        let step = max(1, Double(total) / Double(bytesMax))
        var place = 0.0
        while place < Double(places.count) {
            let commit = places[Int(place)]
            do throws(FormatError) { try memory.load(commit, bytes) } catch { throw .damaged(error.reason) }
            let count = pieceBytes(commit)
            memory.withBody(of: commit, bytes) { trainer.add($0.extracting(0 ..< count)) }
            place += step
        }
        return trainer.finish().withBytes { $0.withUnsafeBytes { Array($0) } }
    }
}
