// What becomes of a simulated file when the power goes: which of its unsynced sectors, and which of the
// sizes it had, the restart finds.

extension SimulatedFileModel {
    /// What a restart finds: the durable bytes, and of the rest what `survival` lets through.
    func afterCrash(_ survival: inout SimulatedSurvival) -> SimulatedFileModel? {
        var old = self
        old.absorbMappedStores()
        guard let memory = old.copiedMemory() else { return nil }
        let style = survival.nextStyle()
        for (sector, history) in old.unsynced.sorted(by: { $0.key < $1.key }) {
            if !history.isForgotten, survival.keeps(style) {
                guard let contents = survival.older(of: history.older) else { continue }
                memory.place(contents, at: sector * SimulatedFileModel.sectorSize)
            } else {
                memory.place(history.durable, at: sector * SimulatedFileModel.sectorSize)
            }
        }
        let sizeAfter =
            survival.keeps(style) ? survival.older(of: old.olderSizes) ?? old.size : old.durableSize
        // Bytes behind the end are no part of the file, whatever the sectors hold.
        for block in old.touchedBlocks {
            let start = max(block * SimulatedFileModel.blockSize, sizeAfter)
            let end = min((block + 1) * SimulatedFileModel.blockSize, memory.count)
            if start < end {
                (memory.base + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
            }
        }
        var found = SimulatedFileModel(
            durable: memory, size: sizeAfter, touchedBlocks: old.touchedBlocks)
        found.unreadable = unreadable
        return found
    }

    /// The same file once more, durable or not as it was. Nobody has it mapped.
    func forked() -> SimulatedFileModel? {
        var old = self
        old.absorbMappedStores()
        guard let memory = old.copiedMemory() else { return nil }
        return SimulatedFileModel(copying: old, memory)
    }

    private func copiedMemory() -> StableMemory? {
        guard let copy = StableMemory(count: memory.count) else { return nil }
        for block in touchedBlocks {
            let start = block * SimulatedFileModel.blockSize
            let count = min(SimulatedFileModel.blockSize, memory.count - start)
            (copy.base + start).copyMemory(from: memory.base + start, byteCount: count)
        }
        return copy
    }
}
