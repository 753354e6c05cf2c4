// How large things may be. Every store checks the same limits before anything else happens, so that a
// commit which one store takes is taken by all, and nothing too long for the format reaches a disk.

/// The sizes that every store accepts at most. Bytes of text are counted in UTF-8.
public struct StoreLimits: Hashable, Sendable {
    /// Bytes of one event's payload: 16 MiB.
    public var payloadBytesMax = 16 * 1024 * 1024
    /// Bytes of a commit, its payloads, names, tags and metadata together: 32 MiB.
    public var commitBytesMax = 32 * 1024 * 1024
    /// Events of one commit.
    public var eventsPerCommitCountMax = 16_384
    /// Bytes of an event type (at least 1), an aggregate type or a content type (these may be empty).
    public var nameBytesMax = 255
    /// Tags of one event.
    public var tagsCountMax = 64
    /// Bytes of one tag.
    public var tagBytesMax = 255
    /// Metadata values of one event.
    public var metadataCountMax = 64
    /// Bytes of the key of a metadata value.
    public var metadataKeyBytesMax = 255
    /// Bytes of a metadata value.
    public var metadataValueBytesMax = 8192

    /// The documented limits.
    public init() {}

    /// The documented limits, which every store uses unless it is told otherwise.
    public static let standard = StoreLimits()
}
