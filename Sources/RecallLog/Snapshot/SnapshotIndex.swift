// Where the newest snapshot of each aggregate stands, and how many bytes of the files are still of use.
// Built from the files, so it may be thrown away at any time.

internal import Recall

/// The places of the newest snapshots.
struct SnapshotIndex: Sendable {
    struct Place: Hashable, Sendable {
        var fileNumber: UInt32
        var size: UInt32
        var offset: UInt64
        var position: Position
    }

    private var places: [RawIdentifier: Place] = [:]
    /// The sizes of the records that `places` leads to.
    private(set) var liveBytes = 0
    /// The sizes of all records in the files that count.
    private(set) var totalBytes = 0

    var deadBytes: Int { totalBytes - liveBytes }

    var count: Int { places.count }

    subscript(aggregate: RawIdentifier) -> Place? { places[aggregate] }

    /// All places, in the order in which they stand in the files.
    var ordered: [(aggregate: RawIdentifier, place: Place)] {
        places.map { (aggregate: $0.key, place: $0.value) }.sorted {
            ($0.place.fileNumber, $0.place.offset) < ($1.place.fileNumber, $1.place.offset)
        }
    }

    /// Takes note of a record, in the order of the files.
    mutating func note(_ found: SnapshotScan.Found, fileNumber: UInt32) {
        totalBytes += found.size
        guard let contents = found.record.contents else {
            forget(found.record.aggregateID)
            return
        }
        if let known = places[found.record.aggregateID], known.position > contents.position { return }
        forget(found.record.aggregateID)
        liveBytes += found.size
        places[found.record.aggregateID] = Place(
            fileNumber: fileNumber, size: UInt32(found.size), offset: UInt64(found.offset),
            position: contents.position)
    }

    /// Takes note of a record that was just written.
    mutating func note(_ aggregate: RawIdentifier, at place: Place) {
        totalBytes += Int(place.size)
        forget(aggregate)
        liveBytes += Int(place.size)
        places[aggregate] = place
    }

    /// Takes note of the record of a removal that was just written.
    mutating func noteRemoval(of aggregate: RawIdentifier, recordSize: Int) {
        totalBytes += recordSize
        forget(aggregate)
    }

    /// Leads nowhere for an aggregate from now on; its record counts as dead.
    mutating func forget(_ aggregate: RawIdentifier) {
        if let known = places.removeValue(forKey: aggregate) { liveBytes -= Int(known.size) }
    }
}
