// One slot of a relay's state file, encode beside decode. A slot is believed only when its checksum holds and each of its
// lengths fits what is there; and a state only when it is one that a relay can have come to.

package import Recall

/// A state with the number of its saving.
package struct RelayStateSlot: Hashable, Sendable {
    /// Counts the savings from 1; the slot with the greater one is the newer.
    package var sequence: UInt64
    package var state: RelayState

    // MARK: Encoding

    package func encode(to writer: inout ByteWriter) {
        writer.integer(RelayStateFormat.magic)
        writer.integer(RelayStateFormat.version)
        writer.integer(UInt16(0))
        writer.integer(UInt32(0))
        writer.integer(sequence)
        writer.integer(UInt32(0))
        writer.integer(UInt32(0))
        encodeBody(to: &writer)
        writer.replace(UInt32(writer.count - RelayStateFormat.headerSize), at: 12)
        let checksum = writer.withBytes { Self.checksum(of: $0) }
        writer.replace(checksum, at: RelayStateFormat.checksumOffset)
    }

    private func encodeBody(to writer: inout ByteWriter) {
        writer.varint(state.cursor.rawValue)
        writer.byte(
            (state.cursorEventID == nil ? 0 : 1) | (state.refusal == nil ? 0 : 2)
                | (state.history == nil ? 0 : 4))
        if let id = state.cursorEventID { writer.identifier(RawIdentifier(id.uuid)) }
        if let history = state.history {
            writer.identifier(RawIdentifier(history.storeID))
            writer.identifier(RawIdentifier(history.incarnation))
        }
        if let refusal = state.refusal {
            writer.varint(refusal.position.rawValue)
            writer.varint(UInt64(clamping: refusal.attemptCount))
        }
        writer.varint(state.parked.count)
        for event in state.parked {
            writer.varint(event.position.rawValue)
            writer.identifier(RawIdentifier(event.eventID.uuid))
            writer.identifier(RawIdentifier(event.rootID.uuid))
            writer.string(event.eventType.rawValue)
            writer.varint(UInt64(clamping: event.attemptCount))
            writer.string(event.reason)
            writer.string(event.cause)
            writer.zigzag(event.time.microsecondsSince1970)
            writer.byte(event.isHolding ? 1 : 0)
            writer.varint(event.heldEventCount)
        }
    }

    /// Of the header without the checksum itself, and of the body.
    private static func checksum(of bytes: RawSpan) -> UInt32 {
        Checksum.crc32c(
            bytes.extracting(droppingFirst: RelayStateFormat.headerSize),
            after: Checksum.crc32c(bytes.extracting(0 ..< RelayStateFormat.checksumOffset)))
    }

    // MARK: Decoding

    package init(sequence: UInt64, state: RelayState) {
        self.sequence = sequence
        self.state = state
    }

    /// The size that a slot states in its header, as far as a slot can be so large; 0 where there is no header.
    static func size(_ header: RawSpan) -> Int {
        var reader = ByteReader(0 ..< header.byteCount)
        guard (try? reader.take(12)) != nil, let size = try? reader.integer(UInt32.self, header) else {
            return 0
        }
        return min(RelayStateFormat.headerSize + Int(size), RelayStateFormat.slotSize)
    }

    /// - Parameter slot: the bytes of a slot, at least as many as it states.
    /// - Throws: where the slot does not hold.
    package init(decoding slot: RawSpan) throws(FormatError) {
        var reader = ByteReader(0 ..< slot.byteCount)
        guard try reader.integer(UInt64.self, slot) == RelayStateFormat.magic else {
            throw FormatError("it does not begin as a relay's state does")
        }
        let version = try reader.integer(UInt16.self, slot)
        _ = try reader.integer(UInt16.self, slot)
        let bodySize = Int(try reader.integer(UInt32.self, slot))
        sequence = try reader.integer(UInt64.self, slot)
        _ = try reader.integer(UInt32.self, slot)
        let checksum = try reader.integer(UInt32.self, slot)
        let body = try reader.take(bodySize)
        let bytes = slot.extracting(0 ..< body.upperBound)
        guard checksum == Self.checksum(of: bytes) else { throw FormatError("its checksum does not hold") }
        guard version == RelayStateFormat.version else {
            var error = FormatError(
                "it has version \(version), and this program reads version \(RelayStateFormat.version)")
            error.isOfUnknownVersion = true
            throw error
        }
        guard sequence > 0, sequence < .max else {
            throw FormatError("it has no number that a slot can have")
        }
        state = try Self.state(bytes, in: body)
    }

    private static func state(_ bytes: RawSpan, in body: Range<Int>) throws(FormatError) -> RelayState {
        var reader = ByteReader(body)
        var state = RelayState(cursor: Position(try reader.varint(bytes)))
        let flags = try reader.byte(bytes)
        guard flags <= 7 else { throw FormatError("it has flags that are not known") }
        if flags & 1 != 0 { state.cursorEventID = EventID(try reader.identifier(bytes).uuid) }
        if flags & 4 != 0 {
            let storeID = try reader.identifier(bytes).uuid
            state.history = StoreHistory(storeID: storeID, incarnation: try reader.identifier(bytes).uuid)
        }
        if flags & 2 != 0 {
            let position = Position(try reader.varint(bytes))
            guard position > state.cursor else {
                throw FormatError("it names a refused event in front of the cursor")
            }
            state.refusal = RelayRefusal(
                position: position, attemptCount: Int(try reader.varint(bytes, max: UInt64(Int.max))))
        }
        let count = try reader.count(bytes, minimumSize: RelayStateFormat.parkedSizeMin)
        state.parked.reserveCapacity(count)
        for _ in 0 ..< count {
            let event = try parkedEvent(bytes, &reader)
            guard event.position <= state.cursor, event.position > state.parked.last?.position ?? .beforeFirst
            else { throw FormatError("it names parked events that are out of order") }
            state.parked.append(event)
        }
        guard reader.remainingCount == 0 else { throw FormatError("it is longer than what it holds") }
        return state
    }

    private static func parkedEvent(
        _ bytes: RawSpan, _ reader: inout ByteReader
    ) throws(FormatError) -> ParkedEvent {
        let position = Position(try reader.varint(bytes))
        let eventID = EventID(try reader.identifier(bytes).uuid)
        let rootID = AggregateID(try reader.identifier(bytes).uuid)
        let type = EventType(try text(bytes, &reader))
        let attemptCount = Int(try reader.varint(bytes, max: UInt64(Int.max)))
        let reason = try text(bytes, &reader)
        let cause = try text(bytes, &reader)
        let time = Timestamp(microsecondsSince1970: try reader.zigzag(bytes))
        let flags = try reader.byte(bytes)
        guard flags <= 1 else { throw FormatError("it has flags that are not known") }
        return ParkedEvent(
            position: position, eventID: eventID, rootID: rootID, eventType: type, attemptCount: attemptCount,
            reason: reason, cause: cause, time: time, isHolding: flags == 1,
            heldEventCount: try reader.varint(bytes))
    }

    private static func text(
        _ bytes: RawSpan, _ reader: inout ByteReader
    ) throws(FormatError) -> String {
        let range = try reader.sized(bytes)
        let text = bytes.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw .utf8 }
        return text
    }
}
