// What an earlier backup leaves to be done.

/// What a destination holds already.
struct BackupPlan: Sendable {
    /// The segments that stay as they are.
    var keptNumbers: Set<UInt64> = []
    /// The sizes of their files, in bytes.
    var keptByteCount = 0
    /// The last position that the earlier backup holds; 0 where there is none.
    var previousPosition: UInt64 = 0
}
