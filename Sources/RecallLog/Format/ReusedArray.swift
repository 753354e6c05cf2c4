// An array for hot loops: its memory is kept when it is emptied, and nobody else can hold it, so that a change
// costs neither a look at a reference count nor an allocation. Every access is checked against the count.

/// Elements in memory that is used again and again by one owner.
package struct ReusedArray<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 8) {
        self.capacity = max(1, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    @inline(__always)
    package subscript(index: Int) -> Element {
        _read {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield base[index]
        }
        _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield &base[index]
        }
    }

    @inline(__always)
    package mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    @inline(__always)
    package mutating func removeAll() {
        base.deinitialize(count: count)
        count = 0
    }

    /// Removes the elements from an index on.
    package mutating func removeAll(from index: Int) {
        guard index >= 0, index < count else { return }
        (base + index).deinitialize(count: count - index)
        count = index
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
