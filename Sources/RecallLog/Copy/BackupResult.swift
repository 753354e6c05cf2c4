// What a backup came to.

public import Recall

/// What a backup holds, and what was copied for it.
public struct BackupResult: Hashable, Sendable {
    /// The last position that the backup holds; 0 for an empty store.
    public var position: Position
    /// The last position that it held before; 0 where there was none.
    public var previousPosition: Position
    /// How many segments were copied, or copied anew because they have grown or were rewritten.
    public var copiedSegmentCount = 0
    /// Bytes that were copied: headers, dictionaries and frames.
    public var copiedByteCount = 0
    /// How many segments were there already and stayed as they were.
    public var keptSegmentCount = 0
    /// The sizes of their files, in bytes.
    public var keptByteCount = 0
}
