// What a Redis server promises about its disk, as the store asks it to be.

/// What holds when an append to a Redis server returns.
public enum RedisDurability: String, Sendable, Hashable, CaseIterable {
    /// The server has synced the commit to its disk: it survives the server's power.
    ///
    /// Needs `appendonly yes`, `appendfsync always` and `no-appendfsync-on-rewrite no`, and a server that says
    /// otherwise is refused.
    case everyWrite
    /// The server has the commit in its memory and syncs it within about a second: a crash of the server's
    /// process loses nothing that it has written to the system, a loss of power the last second or two.
    ///
    /// Needs `appendonly yes` and `appendfsync everysec` or `always`.
    case everySecond
    /// The server has the commit in its memory. What its crash loses is the server's affair.
    case none
}
