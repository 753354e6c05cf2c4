// A directory that is filled with a new store. Its header has another name until everything is there and durable, so that a crash
// leaves no store that lacks a part without saying so; the rename at the end makes it one. What an interrupted salvage or
// restore left is told by that name, and removed by the next one.

internal import Recall

/// A new store in the making.
struct UnfinishedStore {
    let layout: DirectoryLayout
    /// What fills it, such as `salvage`.
    private let task: String
    private let refusal: StoreError.Code

    /// - Parameters:
    ///   - headerName: what the header is called for now.
    ///   - task: what fills the directory, as a verb.
    ///   - refusal: the code of the error where there is anything else.
    /// - Throws: what the system refused.
    init(
        at path: String, disk: any Disk, headerName: String, task: String, refusal: StoreError.Code
    ) throws(StoreError) {
        let path = DirectoryLayout.normalized(path)
        let inside: any Disk
        do throws(DiskError) {
            inside = try StoreDisk.inside(ofStoreAt: path, on: disk, isReadOnly: false)
        } catch {
            throw StoreError(error, doing: "look into \(path)")
        }
        layout = DirectoryLayout(path: path, disk: inside, isReadOnly: false, headerName: headerName)
        self.task = task
        self.refusal = refusal
    }

    private var disk: any Disk { layout.disk }

    /// Sees to it that the directory holds nothing but what may be begun with.
    /// - Throws: the code for a refusal where there is anything at the path that no task of this kind left; `locked` where another
    ///   one fills it; or what the system refused.
    func makeEmpty() throws(StoreError) {
        let header = layout.headerName
        let known: Set = ["lock", "segments", "indexes", "snapshots", header, header + ".new"]
        let kind: DiskItemKind?
        let names: [String]
        do throws(DiskError) {
            kind = try disk.kind(of: layout.path)
            names = kind == .directory ? try disk.list(layout.path) : []
        } catch {
            throw StoreError(error, doing: "look into \(layout.path)")
        }
        guard kind == nil || kind == .directory else {
            throw StoreError(
                refusal, "\(layout.path) is not a directory: \(task) into one that is missing or empty.")
        }
        if names.isEmpty { return }
        let isUnfinished = names.contains(header)
        let hasSegments = try !layout.segmentNumbers().isEmpty
        guard names.allSatisfy(known.contains), isUnfinished || !hasSegments else {
            throw StoreError(
                refusal, "\(layout.path) is not empty: \(task) into a directory that is missing or empty.")
        }
        let lock = try StoreLock(layout, processID: 0)
        defer { lock.release() }
        do throws(DiskError) { try remove() } catch {
            throw StoreError(error, doing: "remove what an interrupted \(task) left in \(layout.path)")
        }
    }

    /// Removes what an interrupted task left; the name that tells of it goes last.
    private func remove() throws(DiskError) {
        for directory in [layout.segmentsPath, layout.indexesPath, layout.snapshotsPath]
        where try disk.kind(of: directory) == .directory {
            for name in try disk.list(directory) { try disk.delete("\(directory)/\(name)") }
            try disk.syncDirectory(directory)
        }
        if try disk.kind(of: layout.headerPath) != nil { try disk.delete(layout.headerPath) }
        try disk.syncDirectory(layout.path)
    }

    /// Makes the directory, where it is missing.
    func makeDirectory() throws(StoreError) {
        do throws(DiskError) {
            if try disk.kind(of: layout.path) == nil { try disk.createDirectory(layout.path) }
        } catch { throw StoreError(error, doing: "make a store at \(layout.path)") }
    }

    /// Gives back what the file of a single-file store has behind its last byte that is in use.
    func trim() throws(StoreError) {
        do throws(DiskError) { try (disk as? SingleFileDisk)?.trim() } catch {
            throw StoreError(error, doing: "shorten \(layout.path)")
        }
    }

    /// Makes a store of what is there, and is durable.
    func finish() throws(StoreError) {
        do throws(DiskError) {
            try disk.rename(layout.headerPath, to: "\(layout.path)/\(DirectoryLayout.headerName)")
            try disk.syncDirectory(layout.path)
        } catch {
            throw StoreError(error, doing: "finish the store at \(layout.path)")
        }
    }
}
