// The disk that a store's files are on, whichever layout it has: from here on a path below the store's is a name in it.

/// Finds the inside of a store.
package enum StoreDisk {
    /// Whether a path names a store that is one file, unless a directory has it.
    package static func isFileName(_ path: String) -> Bool {
        let ending = path.utf8.suffix(SingleFileDisk.suffix.utf8.count)
        // Of ASCII alone: another language has other rules for its letters.
        return ending.map { (65 ... 90).contains($0) ? $0 + 32 : $0 }.elementsEqual(
            SingleFileDisk.suffix.utf8)
    }

    /// The inside of the file for a path that names one, else of the directory.
    ///
    /// A relative path leads from the working directory of this moment, whatever becomes that later.
    package static func inside(
        ofStoreAt path: String, on disk: any Disk, isReadOnly: Bool, sabotages: Sabotages = Sabotages()
    ) throws(DiskError) -> any Disk {
        if let inside = disk as? SingleFileDisk, inside.path == path { return disk }
        if let inside = disk as? StoreDirectory, inside.path == path { return disk }
        let base = path.hasPrefix("/") ? disk : try disk.openDirectory(".", isFollowingLinks: true)
        let isDirectory: Bool
        do throws(DiskError) { isDirectory = try base.kind(of: path) == .directory } catch {
            guard error.isNotADirectory else { throw error }
            isDirectory = true
        }
        guard isFileName(path), !isDirectory else { return StoreDirectory(path, on: base) }
        return SingleFileDisk(path, on: base, isReadOnly: isReadOnly, sabotages: sabotages)
    }
}
