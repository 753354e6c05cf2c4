// How far a backup or a restore is.

/// How far copying a store is.
public struct CopyProgress: Hashable, Sendable {
    /// Bytes that are done.
    public var byteCount: Int
    /// Bytes there are to do, as far as that is known beforehand.
    public var byteCountTotal: Int
}
