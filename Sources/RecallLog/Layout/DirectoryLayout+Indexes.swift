// Index files in a directory of their own, named after the segments that they cover.
// Layout: docs/format.md, "The directory layout".

internal import Recall

extension DirectoryLayout {
    private static let indexSuffix = ".index"

    private func indexPath(_ numbers: ClosedRange<UInt64>) -> String {
        let first = Self.padded(numbers.lowerBound)
        let isOne = numbers.lowerBound == numbers.upperBound
        let name = isOne ? first : "\(first)-\(Self.padded(numbers.upperBound))"
        return "\(indexesPath)/\(name)\(Self.indexSuffix)"
    }

    package func indexRanges() -> [ClosedRange<UInt64>] {
        guard let names = try? disk.list(indexesPath) else { return [] }
        return names.compactMap { name in
            guard name.hasSuffix(Self.indexSuffix) else { return nil }
            let numbers = name.dropLast(Self.indexSuffix.count).split(
                separator: "-", omittingEmptySubsequences: false
            ).map { UInt64($0) }
            guard let first = numbers.first, let first, numbers.count <= 2, let last = numbers.last, let last,
                first > 0, first <= last, numbers.count == 1 || first < last
            else { return nil }
            // Another spelling would be another file, which nobody could open by its number.
            return "\(indexesPath)/\(name)" == indexPath(first ... last) ? first ... last : nil
        }
    }

    package func openIndex(of segmentNumbers: ClosedRange<UInt64>) -> (any DiskMap)? {
        guard let file = try? disk.open(indexPath(segmentNumbers), .readOnly), let size = try? file.size(),
            size >= IndexFormat.blockSize
        else { return nil }
        return try? file.map(count: size, isWritable: false)
    }

    /// What the medium does not give back of the index of some segments, in bytes of its file; nothing where it is missing.
    func unreadableIndex(of segmentNumbers: ClosedRange<UInt64>) -> [Range<Int>] {
        guard let file = try? disk.open(indexPath(segmentNumbers), .readOnly) else { return [] }
        // What keeps from reading it for another reason keeps from using it, too.
        return (try? FileCopy.unreadable(in: file)) ?? []
    }

    package func writeIndex(
        of segmentNumbers: ClosedRange<UInt64>, _ fill: (any DiskFile) throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        let path = indexPath(segmentNumbers)
        let unfinished = path + Self.unfinishedSuffix
        let file = try attempt { () throws(DiskError) in
            if try disk.kind(of: indexesPath) == nil {
                try disk.createDirectory(indexesPath)
                try disk.syncDirectory(self.path)
            }
            if try disk.kind(of: unfinished) != nil { try disk.delete(unfinished) }
            return try disk.open(unfinished, .createNew)
        }
        do throws(IndexBuildError) {
            try fill(file)
            try attempt { () throws(DiskError) in
                try file.sync()
                try disk.rename(unfinished, to: path)
            }
        } catch {
            try? disk.delete(unfinished)
            throw error
        }
        try attempt { () throws(DiskError) in try disk.syncDirectory(indexesPath) }
    }

    package func deleteIndex(of segmentNumbers: ClosedRange<UInt64>) {
        try? disk.delete(indexPath(segmentNumbers))
    }

    private func attempt<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(IndexBuildError) -> Result {
        do throws(DiskError) { return try body() } catch { throw .disk(error) }
    }
}
