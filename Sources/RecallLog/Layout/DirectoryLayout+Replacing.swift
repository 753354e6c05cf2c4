// Another form of a sealed segment, made beside it under the name for the unfinished, and put in its place by a
// rename: at each moment, and after each crash, the segment's name leads to a whole file.

extension DirectoryLayout {
    private func replacementPath(_ number: UInt64) -> String { segmentPath(number) + Self.unfinishedSuffix }

    package func makeReplacement(ofSegment number: UInt64) throws(DiskError) -> any DiskFile {
        let path = replacementPath(number)
        if try disk.kind(of: path) != nil { try disk.delete(path) }
        return try disk.open(path, .createNew)
    }

    package func putReplacement(ofSegment number: UInt64) throws(DiskError) {
        try disk.rename(replacementPath(number), to: segmentPath(number))
    }

    package func dropReplacement(ofSegment number: UInt64) { try? disk.delete(replacementPath(number)) }

    package func syncNames() throws(DiskError) {
        try disk.syncDirectory(path)
        try disk.syncDirectory(segmentsPath)
    }

    package func syncSegments() throws(DiskError) { try disk.syncDirectory(segmentsPath) }
}
