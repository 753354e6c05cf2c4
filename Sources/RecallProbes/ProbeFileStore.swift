// A small store in one file that the engine itself wrote and closed, with a stranger's file in it: what the edits of the
// single-file probe are applied to.

internal import Recall
internal import RecallLog
internal import RecallTestKit

/// A whole single-file store of two segments, the same for every input.
struct ProbeFileStore: Sendable {
    static let path = "/store.recall"
    static let whole = Result { try ProbeFileStore() }
    /// A file that the engine knows nothing of.
    static let strangerName = "stranger"

    /// Holds the store, and cannot hold a file of more than a few MiB, as a full disk could not.
    let disk: SimulatedDisk
    let bytes: [UInt8]
    let superblock: Superblock
    let table: FileTable
    /// Everything in it, in order.
    let events: [RecordedEvent]

    private init() throws {
        var options = SimulatedDisk.Options()
        options.fileSizeMax = 4 << 20
        disk = SimulatedDisk(options: options)
        for session in 0 ..< 2 {
            let log = try Log.openBlocking(
                at: Self.path, configuration: ProbeStore.configuration, disk: disk)
            for step in 0 ..< 5 { _ = try log.appendBlocking(ProbeStore.commit(session * 5 + step)) }
            // What does not compress fills the first segment.
            if session == 0 { _ = try log.appendBlocking(ProbeStore.commit(999, noiseCount: 49_000)) }
            if session == 1 { _ = try log.appendBlocking(ProbeStore.commit(1_002, noiseCount: 9_000)) }
            try log.closeBlocking()
        }
        let inside = SingleFileDisk(Self.path, on: disk, isReadOnly: false)
        let lock = try inside.open(Self.path + "/" + "lock", .readWrite)
        try ReaderProbe.require(try lock.lockExclusively(), "the store of the probe is locked")
        let stranger = try inside.open(Self.path + "/" + Self.strangerName, .createNew)
        let letters = ContiguousArray((0 ..< 20_000).map { UInt8(truncatingIfNeeded: $0 % 26 + 97) })
        try stranger.write(letters.span.bytes, at: 0)
        try stranger.sync()
        try inside.syncDirectory(Self.path)
        lock.unlock()
        let log = try Log.openBlocking(
            at: Self.path, access: .readOnly, configuration: ProbeStore.configuration, disk: disk)
        events = try ProbeWalk(log).events
        try log.closeBlocking()
        let bytes = disk.contents(of: Self.path) ?? []
        self.bytes = bytes
        let slice = bytes[...]
        let superblock = try Superblock(decoding: slice.span.bytes.extracting(0 ..< Format.headerSize))
        self.superblock = superblock
        let end = superblock.tableOffset + superblock.tableSize
        table = try FileTable(
            decoding: slice.span.bytes.extracting(superblock.tableOffset ..< end),
            generation: superblock.generation)
        let names = table.entries.map(\.name)
        try ReaderProbe.require(
            names.filter { $0.hasPrefix("segments/") }.count == 2 && names.contains(Self.strangerName)
                && events.count > 10,
            "the single-file store of the probe holds \(names) and \(events.count) events")
    }
}
