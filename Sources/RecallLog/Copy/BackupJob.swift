// Backs a store up: looks at what is there, then copies the segments that are missing, or are longer now, in order. Each gets its
// place by a rename once it is whole and durable, and the next follows when that is durable, too. So at each moment, and
// after any crash, the destination is a store that holds at least what it held before.

internal import Recall

/// One backup. Used once, by one thread.
struct BackupJob {
    let source: CopySource
    let destination: BackupDestination
    let work: CopyWork

    func run() throws(StoreError) -> BackupResult {
        let plan = try destination.plan()
        var result = BackupResult(
            position: Position(source.position), previousPosition: Position(plan.previousPosition))
        result.keptSegmentCount = plan.keptNumbers.count
        result.keptByteCount = plan.keptByteCount
        let numbers = CopySource.numbers(upTo: source.segmentCount).filter { !plan.keptNumbers.contains($0) }
        try destination.begin(isChanged: !numbers.isEmpty)
        let total = try source.byteCount(
            of: numbers, lastNumber: source.segmentCount, source.tailPart)
        work.byteCountTotal = total
        var doneByteCount = 0
        for number in numbers {
            let (file, part) = try source.segment(number)
            result.copiedByteCount += try SegmentCopier(
                source: file, part: part, origin: source, target: destination.layout,
                work: work
            ).copy()
            result.copiedSegmentCount += 1
            doneByteCount += part.byteCount(of: file.header)
            try work.finish(at: min(doneByteCount, total))
        }
        try destination.finish()
        return result
    }
}
