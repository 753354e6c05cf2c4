// What a session cuts off of the end it found, kept in a file beside the store's own before anything is written over it. The file
// begins as the segment does and has the cut off bytes in their places, so that all checksums hold in it. It is no part of the
// store: nothing looks for it, and it may be deleted. Like all of the store it is reached from a directory that is held.

package import Recall

extension DirectoryLayout {
    /// Copies what stands behind the end of a tail. The copy is durable on return, and takes no more than the segment.
    /// - Returns: the path of the file, whose name says which segment, offset and bytes it is of.
    package func keepCutOff(_ rest: TailRest, of segment: SegmentFile) throws(StoreError) -> String {
        let checksum = segment.withBytes { Checksum.crc32c($0.extracting(rest.offset ..< rest.endOffset)) }
        let name = "cut-\(Self.padded(rest.segmentNumber))-\(rest.offset)-\(String(checksum, radix: 16))"
        do throws(DiskError) {
            guard let inside = disk as? any InsideOfStore else {
                throw DiskError(call: "open", path: path, number: DiskError.missing)
            }
            let place = try inside.besides(name)
            // One that is there holds the same: an earlier session came no further.
            if try place.directory.kind(of: place.name) == nil {
                try Self.copy(rest, of: segment, to: place.name, in: place.directory)
            }
            try place.directory.syncDirectory(".")
            return place.path
        } catch {
            throw StoreError(
                error,
                doing:
                    "keep in a file what stands behind the end of \(path) and may have been acknowledged, before it is written over"
            )
        }
    }

    private static func copy(
        _ rest: TailRest, of segment: SegmentFile, to name: String, in directory: any Disk
    ) throws(DiskError) {
        let unfinished = name + unfinishedSuffix
        if try directory.kind(of: unfinished) != nil { try directory.delete(unfinished) }
        let file = try directory.open(unfinished, .createNew)
        try segment.withBytes { (bytes) throws(DiskError) in
            try file.write(bytes.extracting(0 ..< segment.header.framesOffset), at: 0)
            try file.write(bytes.extracting(rest.offset ..< rest.endOffset), at: rest.offset)
        }
        try file.sync()
        try directory.rename(unfinished, to: name)
    }
}
