// One writer at a time: the lock file, which also carries the watermark page for readers in other
// processes. Layout: docs/format.md, "The lock and the watermark page".

package import Recall
internal import Synchronization

/// The writer's lock on a store. It goes when it is released, with the process, or with this object.
package final class StoreLock: Sendable {
    package let page: WatermarkPage
    private let layout: DirectoryLayout
    private let state: Mutex<State>

    private struct State: ~Copyable {
        /// Nil once the lock was released.
        var file: (any DiskFile)?
        /// Whether the file goes with the lock: it was made for this one, and nothing else is there yet that needs it.
        var isFileRemoved: Bool
    }

    /// The file of a lock, and whether it was made just now.
    private struct Opened {
        var file: any DiskFile
        var isNew = false
    }

    /// So often the file is opened again at most, where it was removed in between.
    private static let attemptCountMax = 8

    /// Takes the lock, making its file where there is none.
    /// - Parameter isLeftBehind: whether a file that was made stays when the lock is released; else it does from `leaveBehind()` on.
    /// - Throws: `locked`, naming the process that has it.
    package init(
        _ layout: DirectoryLayout, processID: UInt64, isLeftBehind: Bool = true
    ) throws(StoreError) {
        let opened = try Self.locked(layout)
        let page: WatermarkPage
        do throws(DiskError) {
            try opened.file.preallocate(size: Format.watermarkPageSize)
            page = try Self.page(of: opened.file, isWritable: true)
        } catch {
            if opened.isNew, !isLeftBehind { try? layout.disk.delete(layout.lockPath) }
            throw Self.failure(error, layout)
        }
        page.begin(processID: processID)
        self.page = page
        self.layout = layout
        state = Mutex(State(file: opened.file, isFileRemoved: opened.isNew && !isLeftBehind))
    }

    private static func failure(_ error: DiskError, _ layout: DirectoryLayout) -> StoreError {
        StoreError(error, doing: "lock the store at \(layout.path)")
    }

    /// The file, locked, which has its name still: whoever had the lock before may have removed it, and then the next one would
    /// lock a file of its own.
    private static func locked(_ layout: DirectoryLayout) throws(StoreError) -> Opened {
        for _ in 0 ..< attemptCountMax {
            let opened = try openOrMake(layout)
            let isLocked: Bool
            let named: DiskStatus?
            let identity: DiskIdentity
            do throws(DiskError) {
                isLocked = try opened.file.lockExclusively()
                named = try layout.disk.status(of: layout.lockPath, isFollowingLinks: false)
                identity = try opened.file.status().identity
            } catch {
                throw failure(error, layout)
            }
            guard isLocked else {
                let page = try? page(of: opened.file, isWritable: false)
                throw held(layout.path, by: page?.processID)
            }
            if named?.identity == identity { return opened }
        }
        throw held(layout.path, by: nil)
    }

    private static func openOrMake(_ layout: DirectoryLayout) throws(StoreError) -> Opened {
        let disk = layout.disk
        do throws(DiskError) {
            if try disk.kind(of: layout.lockPath) == nil {
                // Another process may make it in between: then it is there to be opened.
                if let file = try? disk.open(layout.lockPath, .createNew) {
                    return Opened(file: file, isNew: true)
                }
            }
            return Opened(file: try disk.open(layout.lockPath, .readWrite))
        } catch {
            throw StoreError(error, doing: "open the lock of the store at \(layout.path)")
        }
    }

    static func page(of file: any DiskFile, isWritable: Bool) throws(DiskError) -> WatermarkPage {
        WatermarkPage(try file.map(count: Format.watermarkPageSize, isWritable: isWritable))
    }

    private static func held(_ path: String, by processID: UInt64?) -> StoreError {
        let holder = processID.map { "process \($0)" } ?? "another process"
        return StoreError(
            .locked,
            "The store at \(path) is in use by \(holder): close it there, or open it here for reading only.")
    }

    deinit { release() }

    package func release() {
        state.withLock { state in
            guard let held = state.file else { return }
            page.end()
            // Before somebody else can have it.
            if state.isFileRemoved { try? layout.disk.delete(layout.lockPath) }
            held.unlock()
            state.file = nil
        }
    }

    /// Lets the file stay when the lock is released: it is that of a store.
    package func leaveBehind() { state.withLock { $0.isFileRemoved = false } }
}

/// What a reader sees of the writer's lock.
package final class StoreLockView: Sendable {
    private let file: any DiskFile
    private let page: WatermarkPage
    private let layout: DirectoryLayout
    /// The page mapped for storing, to say there that somebody waits; nil inside where that is not allowed.
    private let waitingPage = Mutex<WatermarkPage??>(nil)

    private let task: String

    /// Nil where no writer ever opened the store.
    /// - Throws: what keeps from looking: a reader that cannot know whether a writer is there cannot know what is
    ///   durable, and would show what a crash takes back.
    package init?(_ layout: DirectoryLayout) throws(StoreError) {
        self.layout = layout
        task = "look at the lock of the store at \(layout.path)"
        do throws(DiskError) {
            guard try layout.disk.kind(of: layout.lockPath) != nil else { return nil }
            file = try layout.disk.open(layout.lockPath, .readOnly)
            // A writer gives the file its size before anything else.
            guard try file.size() >= Format.watermarkPageSize else { return nil }
            page = try StoreLock.page(of: file, isWritable: false)
        } catch {
            throw StoreError(error, doing: task)
        }
    }

    /// Whether a writer has the store. Does not look at the page, which the medium may not give back.
    /// - Throws: what keeps from looking.
    package static func isHeld(in layout: DirectoryLayout) throws(StoreError) -> Bool {
        do throws(DiskError) {
            guard try layout.disk.kind(of: layout.lockPath) != nil else { return false }
            return try layout.disk.open(layout.lockPath, .readOnly).isLocked()
        } catch {
            throw StoreError(error, doing: "look at the lock of the store at \(layout.path)")
        }
    }

    /// How far a writer that is alive lets others read, 0 before it has said so; nil where there is none.
    package func limit() throws(StoreError) -> UInt64? {
        do throws(DiskError) {
            guard try file.isLocked() else { return nil }
        } catch {
            throw StoreError(error, doing: task)
        }
        let position = page.position ?? 0
        if page.isLost { throw StoreError(.cutShort(layout.lockPath), path: layout.path) ?? .closedLog }
        return position
    }

    /// Sleeps until the writer publishes another position than the given one, which it was to be read up to; at most for a time.
    /// - Returns: whether that can be waited for: not where the page may not be stored to.
    package func wait(while position: UInt64, atMost time: Duration) -> Bool {
        let found = waitingPage.withLock { page -> WatermarkPage? in
            if let page { return page }
            let file = try? layout.disk.open(layout.lockPath, .readWrite)
            let made = file.flatMap { try? StoreLock.page(of: $0, isWritable: true) }
            page = .some(made)
            return made
        }
        guard let found else { return false }
        found.wait(while: position, atMost: time)
        return true
    }

    /// Whether a writer has the store and has not said yet how far others may read.
    package func isWriterOpening() throws(StoreError) -> Bool {
        try limit() != nil && page.position == nil
    }
}
