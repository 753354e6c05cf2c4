// What a log kept of the end that it found, for whoever opened it.

/// Whole commits that stood behind the end of a log, and were copied into a file before the log wrote over them.
///
/// A process that was killed may have acknowledged them, with a durability that does not wait for a sync; a frame in front of them
/// did not hold, so that they are no part of the log.
public struct KeptTail: Hashable, Sendable {
    /// The file that holds them: beside the store, with the bytes of the segment in their places.
    public var path: String
    /// The number of the segment.
    public var segment: UInt64
    /// Where in the segment, and in the file, the bytes begin.
    public var offset: Int
    /// How many whole commits they hold.
    public var commitCount: Int
    /// How many events these hold.
    public var eventCount: Int
}

extension Log {
    /// What this log copied into a file beside the store before it first appended; nil where nothing stood behind the end that
    /// it found, or nothing was appended yet.
    public var keptTail: KeptTail? { keptByWriter() }
}
