// The probe of a relay's state file: of its two slots the newer one that holds is believed, and what is saved takes the place of the
// other.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog
internal import RecallTestKit

extension ReaderProbe {
    /// Reads bytes as the two slots of a file.
    ///
    /// Checked: the file opens with the newer of the slots that hold, and is refused as damaged where none does and as unsupported
    /// where one is of a newer version; a state that was read is written and read again the same, in a slot's size; a state that is
    /// saved is what the next opening finds, and the one before is in the other slot still.
    /// - Parameter input: the mode, the size of the first slot's bytes (u16), these, and those of the second. In mode `checksummed`
    ///   each slot's size and checksum are made to hold, in mode `framed` its first eight bytes as well.
    /// - Returns: how many slots hold.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func relayState(_ input: Data) throws -> Int {
        let bytes = Array(input)
        guard bytes.count >= 3 else { return 0 }
        let mode = Control(byte: bytes[0]).mode
        let firstSize = min(Int(bytes[1]) | Int(bytes[2]) << 8, bytes.count - 3)
        let slots = [Array(bytes[3 ..< 3 + firstSize]), Array(bytes[(3 + firstSize)...])].map {
            mode == .raw ? $0 : sealed($0, isNamed: mode == .framed)
        }
        let disk = SimulatedDisk()
        let file = try disk.open("/relay", .createNew)
        try file.preallocate(size: RelayStateFormat.fileSize)
        for (index, slot) in slots.enumerated() {
            let bytes = slot[...]
            try file.write(bytes.span.bytes, at: index * RelayStateFormat.slotSize)
        }
        var holding: [RelayStateSlot] = []
        var isNewer = false
        for (index, slot) in slots.enumerated() {
            // Behind what a slot states there is anything, so the zeros behind it belong to it as well.
            let whole = ContiguousArray(slot + Array(repeating: 0, count: 64))
            do throws(FormatError) {
                let slot = try RelayStateSlot(decoding: whole.span.bytes)
                if slot.sequence % UInt64(RelayStateFormat.slotCount) == UInt64(index) {
                    holding.append(slot)
                }
            } catch {
                isNewer = isNewer || error.isOfUnknownVersion
            }
        }
        for slot in holding { try checkRoundTrip(slot) }
        let newest = holding.max { $0.sequence < $1.sequence }
        let opened: RelayStateFile
        do throws(StoreError) {
            opened = try RelayStateFile(at: "/relay", startingAt: RelayState(), on: disk)
        } catch {
            try require(
                error.code == (isNewer ? .unsupported : .damaged) && (isNewer || newest == nil),
                "\(holding.count) slots hold, and opening failed: \(error)")
            return 0
        }
        guard let newest, !isNewer else { throw ProbeFailure("a file without a slot that holds is opened") }
        let loaded = try opened.load()
        try require(loaded == newest.state, "the older of two states is loaded")
        try checkSaving(loaded, in: opened, of: newest.sequence, on: disk)
        return holding.count
    }

    private static func checkRoundTrip(_ slot: RelayStateSlot) throws {
        var writer = ByteWriter()
        slot.encode(to: &writer)
        try require(writer.count <= RelayStateFormat.slotSize, "what was read does not fit into a slot")
        let again = try? writer.withBytes { (bytes) throws(FormatError) in
            try RelayStateSlot(decoding: bytes)
        }
        try require(again == slot, "a state is read again as another one: \(slot)")
    }

    private static func checkSaving(
        _ before: RelayState, in file: RelayStateFile, of sequence: UInt64, on disk: SimulatedDisk
    ) throws {
        var state = before
        state.cursorEventID = EventID(storeID.uuid)
        state.refusal = nil
        do throws(StoreError) {
            try file.save(state)
        } catch {
            // No saving has the last of all numbers.
            try require(sequence >= .max - 1, "a state that was read cannot be saved: \(error)")
            return
        }
        file.close()
        let reopened = try RelayStateFile(at: "/relay", startingAt: RelayState(), on: disk)
        let found = try reopened.load()
        try require(found == state, "the next opening finds another state than was saved")
        reopened.close()
        let other = Int(sequence % UInt64(RelayStateFormat.slotCount)) * RelayStateFormat.slotSize
        let bytes = (disk.contents(of: "/relay") ?? []).dropFirst(other)
        let kept = try? RelayStateSlot(decoding: bytes.span.bytes)
        try require(
            kept == RelayStateSlot(sequence: sequence, state: before), "saving a state changed the one before"
        )
    }

    /// Makes a slot's size and checksum hold, and, where `isNamed`, what it begins with. Layout: docs/relay.md, "The file".
    private static func sealed(_ slot: [UInt8], isNamed: Bool) -> [UInt8] {
        guard slot.count >= RelayStateFormat.headerSize else { return slot }
        var writer = ByteWriter(capacity: slot.count)
        slot.withUnsafeBytes { writer.bytes($0) }
        if isNamed {
            var name = ByteWriter()
            name.integer(RelayStateFormat.magic)
            name.integer(RelayStateFormat.version)
            name.integer(UInt16(0))
            writer.replace(with: name, at: 0)
        }
        writer.replace(UInt32(slot.count - RelayStateFormat.headerSize), at: 12)
        let checksum = writer.withBytes { bytes in
            Checksum.crc32c(
                bytes.extracting(droppingFirst: RelayStateFormat.headerSize),
                after: Checksum.crc32c(bytes.extracting(0 ..< RelayStateFormat.checksumOffset)))
        }
        writer.replace(checksum, at: RelayStateFormat.checksumOffset)
        return writer.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }
}
