// One simulated file: the bytes that the running system sees, and for each sector that was changed
// since the last sync what the disk may hold instead. What is not in `unsynced` is durable.

internal import RecallLog

/// The contents of a simulated file, durable and not.
struct SimulatedFileModel: Sendable {
    /// The disk writes so many bytes whole or not at all.
    static let sectorSize = 512
    /// How much of the memory is copied together when a crash copies what was ever touched.
    static let blockSize = 64 * 1024
    /// Older unsynced contents of a sector that are remembered, beside the durable and the newest.
    static let olderVersionCountMax = 4

    /// What a sector held before its newest contents.
    struct SectorHistory: Sendable {
        /// On the disk for certain.
        var durable: [UInt8]
        /// Written later and overwritten since; the disk may hold any of them.
        var older: [[UInt8]] = []
        /// Whether a failed sync made the cache forget that the sector was never written.
        var isForgotten = false
    }

    let memory: StableMemory
    private(set) var size = 0
    private(set) var durableSize = 0
    /// Sizes the file had since the last sync, without the present one.
    private(set) var olderSizes: [Int] = []
    private(set) var unsynced: [Int: SectorHistory] = [:]
    private(set) var touchedBlocks: Set<Int> = []
    /// What the medium does not give back, for good.
    var unreadable: [Range<Int>] = []
    /// What writable maps showed when they were last looked at: stores to a map make no call that
    /// could be seen, so they are found by comparing.
    private var shadow: [UInt8] = []

    init?(sizeMax: Int) {
        guard let memory = StableMemory(count: sizeMax) else { return nil }
        self.memory = memory
    }

    /// A file of which everything is durable.
    init(durable memory: StableMemory, size: Int, touchedBlocks: Set<Int>) {
        self.memory = memory
        self.size = size
        self.durableSize = size
        self.touchedBlocks = touchedBlocks
    }

    /// As another file, whose mapped stores were looked at, but in other memory.
    init(copying other: SimulatedFileModel, _ memory: StableMemory) {
        self.memory = memory
        size = other.size
        durableSize = other.durableSize
        olderSizes = other.olderSizes
        unsynced = other.unsynced
        touchedBlocks = other.touchedBlocks
        unreadable = other.unreadable
    }

    func isUnreadable(_ range: Range<Int>) -> Bool { unreadable.contains { $0.overlaps(range) } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset < size, let target = buffer.baseAddress else { return 0 }
        let count = min(buffer.count, size - offset)
        target.copyMemory(from: memory.base + offset, byteCount: count)
        return count
    }

    /// The first sector behind `offset` that is not all zeros; as coarse as a real file system's answer.
    func nextData(from offset: Int) -> Int? {
        for block in touchedBlocks.sorted() {
            let start = max(block * SimulatedFileModel.blockSize, offset)
            let end = min((block + 1) * SimulatedFileModel.blockSize, size)
            guard start < end else { continue }
            for sector in SimulatedFileModel.sectors(of: start ..< end) {
                let first = max(sector * SimulatedFileModel.sectorSize, start)
                let last = min((sector + 1) * SimulatedFileModel.sectorSize, end)
                if !isZero(first ..< last) { return first }
            }
        }
        return nil
    }

    mutating func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard let source = buffer.baseAddress, buffer.count > 0 else { return }
        let range = offset ..< offset + buffer.count
        noteChange(of: range)
        (memory.base + offset).copyMemory(from: source, byteCount: buffer.count)
        refreshShadow(range)
        if range.upperBound > size { setSizeAlone(range.upperBound) }
    }

    /// Cuts the file off, or grows it with zeros.
    mutating func setSize(_ newSize: Int) {
        if newSize < size {
            // What is cut off must read as zero when the file grows again.
            for sector in SimulatedFileModel.sectors(of: newSize ..< size) {
                let start = max(sector * SimulatedFileModel.sectorSize, newSize)
                let end = min((sector + 1) * SimulatedFileModel.sectorSize, memory.count)
                guard !isZero(start ..< end) else { continue }
                noteChange(of: start ..< end)
                (memory.base + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
                refreshShadow(start ..< end)
            }
        }
        if newSize != size { setSizeAlone(newSize) }
    }

    /// Puts bytes into space that nothing was written to, as if they had always been on the disk.
    mutating func fillWithStaleBytes(_ bytes: [UInt8], in range: Range<Int>) {
        guard !bytes.isEmpty else { return }
        for offset in range {
            memory.base.storeBytes(of: bytes[offset % bytes.count], toByteOffset: offset, as: UInt8.self)
        }
        touch(range)
        refreshShadow(range)
    }

    /// Changes a byte in the cache and on the disk alike.
    mutating func flip(bit: Int, at offset: Int) {
        let old = memory.base.load(fromByteOffset: offset, as: UInt8.self)
        memory.base.storeBytes(of: old ^ (1 << bit), toByteOffset: offset, as: UInt8.self)
        touch(offset ..< offset + 1)
        refreshShadow(offset ..< offset + 1)
    }

    /// From here on stores to the first `count` bytes may come without a call.
    mutating func watchMap(count: Int) {
        guard count > shadow.count else { return }
        let old = shadow.count
        shadow += [UInt8](repeating: 0, count: count - old)
        touch(0 ..< count)
        refreshShadow(old ..< count)
    }

    mutating func sync() {
        absorbMappedStores()
        unsynced = unsynced.filter { $0.value.isForgotten }
        durableSize = size
        olderSizes.removeAll()
    }

    /// Makes the sectors durable that a range touches. The size is not promised, so it stays as it is.
    mutating func sync(_ range: Range<Int>) {
        absorbMappedStores(in: range)
        for sector in SimulatedFileModel.sectors(of: range) where unsynced[sector]?.isForgotten == false {
            unsynced[sector] = nil
        }
    }

    /// A failed sync after which the unsynced sectors can be read but are never written.
    mutating func forgetDirtyData() {
        absorbMappedStores()
        for sector in unsynced.keys { unsynced[sector]?.isForgotten = true }
    }

    /// A failed sync after which the unsynced sectors are gone.
    mutating func revertDirtyData() {
        absorbMappedStores()
        for (sector, history) in unsynced { put(history.durable, into: sector) }
        unsynced.removeAll()
        size = durableSize
        olderSizes.removeAll()
    }

    /// Looks for stores through writable maps since the last look.
    mutating func absorbMappedStores() { absorbMappedStores(in: 0 ..< shadow.count) }

    private mutating func absorbMappedStores(in range: Range<Int>) {
        for sector in SimulatedFileModel.sectors(of: range.clamped(to: 0 ..< shadow.count)) {
            let start = sector * SimulatedFileModel.sectorSize
            let end = min(start + SimulatedFileModel.sectorSize, shadow.count)
            let present = bytes(in: start ..< end)
            guard present[...] != shadow[start ..< end] else { continue }
            var before = bytes(ofSector: sector)
            before.replaceSubrange(0 ..< end - start, with: shadow[start ..< end])
            note(before, in: sector)
            shadow.replaceSubrange(start ..< end, with: present)
        }
    }

    // MARK: Bookkeeping

    /// The bytes in a range of the memory.
    func bytes(in range: Range<Int>) -> [UInt8] {
        if range.lowerBound >= shadow.count {
            return Array(UnsafeRawBufferPointer(start: memory.base + range.lowerBound, count: range.count))
        }
        return [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            // Whole words are loaded as atomics are: a map's user may store one at this moment.
            var offset = 0
            while offset < range.count {
                if range.count - offset >= 8, (range.lowerBound + offset) % 8 == 0 {
                    UnsafeMutableRawPointer(target + offset).storeBytes(
                        of: memory.loadAcquire(at: range.lowerBound + offset) ?? 0, as: UInt64.self)
                    offset += 8
                } else {
                    target[offset] = memory.base.load(
                        fromByteOffset: range.lowerBound + offset, as: UInt8.self)
                    offset += 1
                }
            }
            count = range.count
        }
    }

    static func sectors(of range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty else { return 0 ..< 0 }
        return range.lowerBound / sectorSize ..< (range.upperBound - 1) / sectorSize + 1
    }

    private func bytes(ofSector sector: Int) -> [UInt8] {
        let start = sector * SimulatedFileModel.sectorSize
        return bytes(in: start ..< start + SimulatedFileModel.sectorSize)
    }

    private func isZero(_ range: Range<Int>) -> Bool {
        UnsafeRawBufferPointer(start: memory.base + range.lowerBound, count: range.count)
            .allSatisfy { $0 == 0 }
    }

    private mutating func setSizeAlone(_ newSize: Int) {
        if olderSizes.last != size, size != durableSize {
            olderSizes.append(size)
            if olderSizes.count > 16 { olderSizes.removeFirst() }
        }
        size = newSize
    }

    /// Remembers what the sectors of a range hold, before they change.
    private mutating func noteChange(of range: Range<Int>) {
        absorbMappedStores(in: range)
        for sector in SimulatedFileModel.sectors(of: range) { note(bytes(ofSector: sector), in: sector) }
        touch(range)
    }

    private mutating func note(_ contents: [UInt8], in sector: Int) {
        guard unsynced[sector] != nil else {
            unsynced[sector] = SectorHistory(durable: contents)
            return
        }
        unsynced[sector]?.older.append(contents)
        unsynced[sector]?.isForgotten = false
        if let count = unsynced[sector]?.older.count, count > SimulatedFileModel.olderVersionCountMax {
            unsynced[sector]?.older.removeFirst()
        }
    }

    private mutating func put(_ contents: [UInt8], into sector: Int) {
        let start = sector * SimulatedFileModel.sectorSize
        memory.place(contents, at: start)
        touch(start ..< start + contents.count)
        refreshShadow(start ..< start + contents.count)
    }

    private mutating func touch(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let size = SimulatedFileModel.blockSize
        for block in range.lowerBound / size ... (range.upperBound - 1) / size { touchedBlocks.insert(block) }
    }

    private mutating func refreshShadow(_ range: Range<Int>) {
        let part = range.clamped(to: 0 ..< shadow.count)
        guard !part.isEmpty else { return }
        shadow.replaceSubrange(part, with: bytes(in: part))
    }
}
