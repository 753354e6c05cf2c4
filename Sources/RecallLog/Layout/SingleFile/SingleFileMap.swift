// Bytes of a file inside a single-file store in memory. As long as they are mapped, their place is nobody else's.

/// A map that keeps the extents that it shows.
final class SingleFileMap: DiskMap {
    private let map: any DiskMap
    private let leases: [ExtentLease]

    init(_ map: any DiskMap, leases: [ExtentLease]) {
        self.map = map
        self.leases = leases
    }

    var base: UnsafeMutableRawPointer { map.base }
    var count: Int { map.count }
    var isLost: Bool { map.isLost }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) { try map.write(bytes, at: offset) }
}
