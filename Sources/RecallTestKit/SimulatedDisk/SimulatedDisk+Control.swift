// What a test does to a simulated disk behind the back of the code under test, and what it may look at.

internal import Synchronization

extension SimulatedDisk {
    /// How many calls may have changed what a restart finds.
    package var mutationCount: Int { state.withLock { $0.mutationCount } }

    /// How many calls there were, those that only read included.
    package var operationCount: Int { state.withLock { $0.operationCount } }

    /// The last calls, oldest first, one a line: for the message of a failing test.
    package var trace: [SimulatedOperation] { state.withLock { $0.trace } }

    /// How the disk came about and the last calls, for the message of a failing test: what is needed to repeat it.
    package func transcript(lastOperationCount: Int = 40) -> String {
        state.withLock { state in
            var lines = ["simulated disk with \(state.options)"]
            lines += state.origin.map { "  found: \($0)" }
            let left = max(0, state.trace.count - lastOperationCount)
            lines.append(
                "  \(state.operationCount) operations, \(state.mutationCount) mutations; the last are")
            lines += state.trace.dropFirst(left).map { "  \($0)" }
            return lines.joined(separator: "\n")
        }
    }

    /// Plans a failure.
    package func plan(_ fault: SimulatedFault) { state.withLock { $0.faults.add(fault) } }

    /// How many of the failures that were planned have not struck yet.
    package var pendingFaultCount: Int { state.withLock { $0.faults.count } }

    /// Forgets the failures that are planned.
    package func forgetFaults() { state.withLock { $0.faults.removeAll() } }

    /// Lets the disk carry out mutations up to this number; from the next on every call fails.
    package func stop(afterMutation number: Int) {
        state.withLock { $0.mutationCountMax = number }
    }

    /// Lets every call from now on fail, as when the power is gone.
    package func stop() { state.withLock { $0.isStopped = true } }

    /// Whether every call fails.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Sets how many bytes all files together can hold; nil for no limit.
    package func setCapacity(bytes: Int?) { state.withLock { $0.options.capacityBytes = bytes } }

    /// The sizes of all files together, in bytes.
    package var usedBytes: Int { state.withLock { $0.files.values.reduce(0) { $0 + $1.size } } }

    /// How many handles are open on the file at a path.
    package func handleCount(of path: String) -> Int {
        state.withLock { state in state.fileID(at: path).flatMap { state.handleCounts[$0] } ?? 0 }
    }

    /// What a file holds as the running system sees it; nil where there is none. Is no operation.
    package func contents(of path: String) -> [UInt8]? {
        state.withLock { state in
            guard let file = state.file(at: path) else { return nil }
            return file.bytes(in: 0 ..< file.size)
        }
    }

    /// Flips a bit in a file, in the cache and on the disk alike. Is no operation.
    /// - Returns: whether there is such a byte.
    @discardableResult
    package func corrupt(_ path: String, at offset: Int, bit: Int) -> Bool {
        state.withLock { state in
            guard let id = state.fileID(at: path), let size = state.files[id]?.size,
                (0 ..< size).contains(offset), (0 ..< 8).contains(bit)
            else { return false }
            state.files[id]?.flip(bit: bit, at: offset)
            return true
        }
    }

    /// Lets a block of the medium hold something else than was written, as a drive does that lost it: 4 KiB, wherever its sectors begin.
    /// Is no operation.
    /// - Parameters:
    ///   - sector: the first of its sectors of 512 bytes.
    ///   - contents: what is read there from now on, over and over; at least one byte.
    /// - Returns: whether the file goes as far.
    @discardableResult
    package func loseBlock(atSector sector: Int, of path: String, contents: [UInt8]) -> Bool {
        let size = SimulatedFileModel.sectorSize
        return state.withLock { state in
            guard let id = state.fileID(at: path), let count = state.files[id]?.size, sector >= 0,
                sector * size < count
            else { return false }
            state.files[id]?.fillWithStaleBytes(
                contents, in: sector * size ..< min(sector * size + 4096, count))
            return true
        }
    }

    /// Lets the medium give back nothing of a range of a file from now on, whatever is written there: each read that touches it
    /// fails with `EIO`, after restarts as well. A map of it, which would end the process with a signal, is refused with
    /// `EFAULT`, so that whoever asks for one is found out. Is no operation.
    /// - Returns: whether there is such a file.
    @discardableResult
    package func loseForGood(_ range: Range<Int>, of path: String) -> Bool {
        state.withLock { state in
            guard let id = state.fileID(at: path) else { return false }
            state.files[id]?.unreadable.append(range)
            return true
        }
    }

    /// Renames a file or directory, over another one where there is one, as somebody else does beside the code under test. Is no
    /// operation, and durable at once.
    /// - Returns: whether it could be done.
    @discardableResult
    package func move(_ source: String, to destination: String) -> Bool {
        state.withLock { state in
            guard (try? state.directories.rename(source, to: destination)) != nil else { return false }
            state.directories.syncAll()
            state.collect()
            return true
        }
    }

    /// Deletes a file, or a directory with all that is in it. Is no operation, and durable at once.
    /// - Returns: whether there was one.
    @discardableResult
    package func remove(_ path: String) -> Bool {
        state.withLock { state in
            guard let place = try? state.directories.place(of: path), state.directories[place] != nil else {
                return false
            }
            state.directories.removeAll(at: place)
            state.directories.syncAll()
            state.collect()
            return true
        }
    }

    /// Cuts a file short. Its maps show zeros from there on, and are lost. Is no operation, and durable at once.
    /// - Returns: whether there is such a file that is longer.
    @discardableResult
    package func cut(_ path: String, to size: Int) -> Bool {
        state.withLock { state in
            guard let id = state.fileID(at: path), let before = state.files[id]?.size, size < before else {
                return false
            }
            state.files[id]?.setSize(size)
            state.files[id]?.sync()
            return true
        }
    }

    /// Puts a symbolic link at a path that nothing stands at. It leads nowhere. Is no operation.
    package func placeSymbolicLink(at path: String) {
        state.withLock { state in
            guard let place = try? state.directories.place(of: path), state.directories[place] == nil else {
                return
            }
            state.directories.apply(.link(place, .symbolicLink))
        }
    }
}

extension SimulatedDisk {
    /// The disk that a restart finds when the power goes now. This one stays as it is.
    package func crash(_ crash: SimulatedCrash) -> SimulatedDisk {
        SimulatedDisk(
            state.withLock { state in
                var survival = SimulatedSurvival(crash)
                var found = state.afterCrash(&survival)
                found.origin = state.origin + ["\(crash) after mutation \(state.mutationCount)"]
                return found
            })
    }

    /// The disk that the next process finds when this one is killed. Nothing is lost, and nothing is safer than it was:
    /// what was not synced can still be lost when the power goes later. Planned faults are forgotten.
    package func kill() -> SimulatedDisk {
        SimulatedDisk(
            state.withLock { state in
                var copy = state.forked()
                copy.origin.append("killed after mutation \(state.mutationCount)")
                return copy
            })
    }

    /// Keeps what the disk is before each mutation from now on, as `kill()` would give it.
    package func startRecording() { state.withLock { $0.recording = [] } }

    /// Ends the recording.
    /// - Returns: the disk as it was after each number of mutations since the recording began, from none on; the last is
    ///   the present one.
    package func finishRecording() -> [SimulatedDisk] {
        state.withLock { state in
            let recorded = state.recording ?? []
            state.recording = nil
            let first = state.mutationCount - recorded.count
            return (recorded + [state.forked()]).enumerated().map { index, found in
                var found = found
                found.origin.append("killed after mutation \(first + index)")
                return SimulatedDisk(found)
            }
        }
    }

    /// The disk that a restart finds, with an arbitrary part of what was not synced.
    package func crash(seed: UInt64) -> SimulatedDisk { crash(.arbitrary(seed: seed)) }

    /// The disk that a restart finds, with nothing of what was not synced.
    package func crashLosingEverythingUnsynced() -> SimulatedDisk { crash(.losingEverythingUnsynced) }

    /// The disk that a restart finds where only the process died.
    package func crashKeepingEverything() -> SimulatedDisk { crash(.keepingEverything) }
}

extension SimulatedDiskState {
    fileprivate func fileID(at path: String) -> FileID? {
        guard let place = try? directories.place(of: path), case .file(let id)? = directories[place] else {
            return nil
        }
        return id
    }

    fileprivate func file(at path: String) -> SimulatedFileModel? { fileID(at: path).flatMap { files[$0] } }

    fileprivate func afterCrash(_ survival: inout SimulatedSurvival) -> SimulatedDiskState {
        var found = SimulatedDiskState(options: options)
        found.directories = directories.afterCrash(&survival)
        found.takeIDs(from: self)
        for id in found.directories.reachableFiles.sorted() {
            found.files[id] = files[id]?.afterCrash(&survival)
        }
        return found
    }
}
