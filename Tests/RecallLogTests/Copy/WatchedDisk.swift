// A disk on which something happens at a moment that the test chooses: when a directory is listed for the first time, or a file
// made or opened.

import RecallLog
import RecallTestKit
import Synchronization

/// Another disk, and what happens beside its user.
final class WatchedDisk: ForwardingDisk {
    let base: any Disk
    private let directory: String?
    private let suffix: String?
    private let isAtOpening: Bool
    private let action: Mutex<(@Sendable () -> Void)?>

    /// - Parameters:
    ///   - directory: what is listed when it happens.
    ///   - action: what happens, once.
    init(_ base: any Disk, listing directory: String, action: @escaping @Sendable () -> Void) {
        self.base = base
        self.directory = directory
        suffix = nil
        isAtOpening = false
        self.action = Mutex(action)
    }

    /// - Parameters:
    ///   - suffix: what the name of the file ends with that is made when it happens.
    ///   - action: what happens, once, before the file is made.
    init(_ base: any Disk, creating suffix: String, action: @escaping @Sendable () -> Void) {
        self.base = base
        self.suffix = suffix
        directory = nil
        isAtOpening = false
        self.action = Mutex(action)
    }

    /// - Parameters:
    ///   - suffix: what the name of a file ends with that is there and is opened when it happens.
    ///   - action: what happens, once, after the file is opened.
    init(_ base: any Disk, opening suffix: String, action: @escaping @Sendable () -> Void) {
        self.base = base
        self.suffix = suffix
        directory = nil
        isAtOpening = true
        self.action = Mutex(action)
    }

    private func act() {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        if !isAtOpening, mode == .createNew, let suffix, path.hasSuffix(suffix) { act() }
        let file = try base.open(path, mode)
        if isAtOpening, mode != .createNew, let suffix, path.hasSuffix(suffix) { act() }
        return file
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        if directory == self.directory { act() }
        return try base.list(directory)
    }
}
