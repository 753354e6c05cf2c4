// The hash table of the index in memory: fingerprints, each with a number. Extendible hashing: buckets of
// a few hundred slots, found by the first bits of the fingerprint, that are divided one by one when they
// are full. So growing never stops an append for long, needs no second copy of the table, and leaves the
// buckets in the order of their fingerprints, as an index file wants its entries.

/// Numbers by 32-bit fingerprints that are spread evenly.
struct SlotTable: Sendable {
    /// Open addressing. A slot has the fingerprint in its high half and the number in its low one; 0 is a
    /// free slot, which no entry is, since no number is 0.
    private struct Bucket: Sendable {
        var slots: ContiguousArray<UInt64>
        var count = 0
        /// How many first bits of their fingerprints its entries share.
        var depth: UInt32
        /// Whether the entries stand in the order of their coming, since too many share a fingerprint.
        var isList = false

        init(capacity: Int, depth: UInt32) {
            slots = ContiguousArray(repeating: 0, count: capacity)
            self.depth = depth
        }
    }

    private static let firstCapacity = 16
    private static let capacityMax = 512
    /// Between the two, so that a table is never less than half full: a bucket grows once before it is divided.
    private static let grownCapacity = 768
    /// A bucket that cannot be divided grows up to here, and is a list beyond.
    private static let hashedCapacityMax = 1 << 11

    /// The number of the bucket for each value of the first `depth` bits.
    private var directory: [UInt32] = [0]
    private var depth: UInt32 = 0
    private var buckets: [Bucket] = [Bucket(capacity: firstCapacity, depth: 0)]
    private(set) var count = 0

    init() {}

    @inline(__always)
    private static func prefix(_ fingerprint: UInt32, _ depth: UInt32) -> Int {
        Int((UInt64(fingerprint) << UInt64(depth)) >> 32)
    }

    /// Where an entry's place is, when no other has it: in the order of the fingerprints.
    @inline(__always)
    private static func home(_ fingerprint: UInt32, _ depth: UInt32, _ capacity: Int) -> Int {
        Int((UInt64(fingerprint &<< depth) &* UInt64(capacity)) >> 32)
    }

    /// The first number under a fingerprint that `isMatch` takes.
    @inline(__always)
    func first(_ fingerprint: UInt32, where isMatch: (UInt32) -> Bool) -> UInt32? {
        let number = Int(directory[Self.prefix(fingerprint, depth)])
        if buckets[number].isList { return firstListed(number, fingerprint, isMatch) }
        return buckets[number].slots.withUnsafeBufferPointer { slots in
            var index = Self.home(fingerprint, buckets[number].depth, slots.count)
            while true {
                let slot = slots[index]
                if slot == 0 { return nil }
                if UInt32(truncatingIfNeeded: slot >> 32) == fingerprint {
                    let value = UInt32(truncatingIfNeeded: slot)
                    if isMatch(value) { return value }
                }
                index += 1
                if index == slots.count { index = 0 }
            }
        }
    }

    private func firstListed(_ number: Int, _ fingerprint: UInt32, _ isMatch: (UInt32) -> Bool) -> UInt32? {
        for slot in buckets[number].slots where UInt32(truncatingIfNeeded: slot >> 32) == fingerprint {
            let value = UInt32(truncatingIfNeeded: slot)
            if isMatch(value) { return value }
        }
        return nil
    }

    /// Adds an entry, beside others with the same fingerprint, unless there is the very same.
    /// - Parameter value: not 0.
    mutating func insert(_ fingerprint: UInt32, _ value: UInt32) {
        var number = Int(directory[Self.prefix(fingerprint, depth)])
        while !buckets[number].isList, 5 * (buckets[number].count + 1) > 4 * buckets[number].slots.count {
            makeRoom(number, for: fingerprint)
            number = Int(directory[Self.prefix(fingerprint, depth)])
        }
        let entry = UInt64(fingerprint) << 32 | UInt64(value)
        let isNew =
            buckets[number].isList
            ? Self.append(entry, to: &buckets[number]) : Self.place(entry, in: &buckets[number])
        if isNew { count += 1 }
    }

    @inline(__always)
    @discardableResult
    private static func place(_ entry: UInt64, in bucket: inout Bucket) -> Bool {
        let capacity = bucket.slots.count
        var index = home(UInt32(truncatingIfNeeded: entry >> 32), bucket.depth, capacity)
        let isNew = bucket.slots.withUnsafeMutableBufferPointer { slots in
            while slots[index] != 0 {
                if slots[index] == entry { return false }
                index += 1
                if index == capacity { index = 0 }
            }
            slots[index] = entry
            return true
        }
        if isNew { bucket.count += 1 }
        return isNew
    }

    /// The same entry can only be the last one, since frames come one after the other.
    private static func append(_ entry: UInt64, to bucket: inout Bucket) -> Bool {
        if bucket.slots.last == entry { return false }
        bucket.slots.append(entry)
        bucket.count += 1
        return true
    }

    // MARK: Growing

    private mutating func makeRoom(_ number: Int, for fingerprint: UInt32) {
        let capacity = buckets[number].slots.count
        if capacity < Self.capacityMax {
            return resize(number, to: min(capacity * 4, Self.capacityMax))
        }
        var equalCount = 0
        for slot in buckets[number].slots where UInt32(truncatingIfNeeded: slot >> 32) == fingerprint {
            equalCount += 1
        }
        // Neither more room nor a division would part them.
        if 2 * equalCount > buckets[number].count { return makeList(number) }
        if capacity < Self.grownCapacity { return resize(number, to: Self.grownCapacity) }
        // A directory of many more values than there are buckets would mean that fingerprints are alike.
        let isDivisible = buckets[number].depth < depth || directory.count <= 16 * buckets.count
        if isDivisible, buckets[number].depth < 28 { return divide(number) }
        if capacity < Self.hashedCapacityMax { return resize(number, to: capacity * 2) }
        makeList(number)
    }

    private mutating func makeList(_ number: Int) {
        buckets[number].slots.removeAll { $0 == 0 }
        buckets[number].isList = true
    }

    private mutating func resize(_ number: Int, to capacity: Int) {
        var larger = Bucket(capacity: capacity, depth: buckets[number].depth)
        for entry in buckets[number].slots where entry != 0 { Self.place(entry, in: &larger) }
        buckets[number] = larger
    }

    private mutating func divide(_ number: Int) {
        if buckets[number].depth == depth {
            depth += 1
            var larger: [UInt32] = []
            larger.reserveCapacity(2 * directory.count)
            for entry in directory {
                larger.append(entry)
                larger.append(entry)
            }
            directory = larger
        }
        let old = buckets[number]
        let isLow = { (entry: UInt64) in (entry << UInt64(old.depth)) >> 63 == 0 }
        var lowCount = 0
        for entry in old.slots where entry != 0 && isLow(entry) { lowCount += 1 }
        var low = Bucket(capacity: Self.capacity(for: lowCount), depth: old.depth + 1)
        var high = Bucket(capacity: Self.capacity(for: old.count - lowCount), depth: old.depth + 1)
        for entry in old.slots where entry != 0 {
            if isLow(entry) { Self.place(entry, in: &low) } else { Self.place(entry, in: &high) }
        }
        let second = UInt32(buckets.count)
        buckets[number] = low
        buckets.append(high)
        // The values of the first bits that led to the old bucket stand side by side; the upper half of
        // them leads to the new one.
        let width = 1 << Int(depth - old.depth)
        guard let entry = old.slots.first(where: { $0 != 0 }) else { return }
        let first = Self.prefix(UInt32(truncatingIfNeeded: entry >> 32), old.depth) * width
        for index in first + width / 2 ..< first + width { directory[index] = second }
    }

    private static func capacity(for count: Int) -> Int {
        if 5 * (count + 1) <= 4 * capacityMax { return capacityMax }
        var capacity = grownCapacity
        while 5 * (count + 1) > 4 * capacity { capacity *= 2 }
        return capacity
    }

    // MARK: Everything, in order

    /// How many groups there are: every entry of one comes before every entry of the next.
    var groupCount: Int { directory.count }

    /// The entries of a group, ascending: fingerprint in the high half, number in the low one.
    func group(_ index: Int) -> [UInt64] {
        // A bucket that several first bits lead to is the group of the first of them.
        if index > 0, directory[index] == directory[index - 1] { return [] }
        var entries = buckets[Int(directory[index])].slots.filter { $0 != 0 }
        entries.sort()
        return Array(entries)
    }

    /// Of what is reserved, in bytes.
    var byteCount: Int {
        buckets.reduce(directory.capacity * MemoryLayout<UInt32>.stride) {
            $0 + $1.slots.capacity * MemoryLayout<UInt64>.stride + MemoryLayout<Bucket>.stride
        }
    }
}
