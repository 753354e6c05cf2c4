// The numbers of a relay's state file. Layout: docs/relay.md, "The file".

/// Constants of version 1 of the file.
package enum RelayStateFormat {
    /// "RCLRELAY", as the bytes stand in the file.
    package static let magic: UInt64 = 0x5941_4C45_524C_4352
    package static let version: UInt16 = 1
    /// Bytes of one of the two slots. The largest state that a relay makes, of 256 parked events with texts of full
    /// length, takes less.
    package static let slotSize = 512 << 10
    package static let slotCount = 2
    package static let fileSize = slotCount * slotSize
    /// Bytes in front of a slot's body.
    package static let headerSize = 32
    /// Where in a slot the checksum stands: behind all that it covers of the header.
    package static let checksumOffset = 28
    /// The fewest bytes that a parked event takes.
    package static let parkedSizeMin = 40
}
