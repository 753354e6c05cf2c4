// Where fuzzing of a relay's state file begins: pairs of slots, as savings leave them.

import Foundation
import Recall
import RecallLog

extension ProbeSeeds {
    /// The mode, the size of the first slot (u16), and both slots.
    static func relayStates() -> [String: Data] {
        func slot(_ sequence: UInt64, _ state: RelayState) -> [UInt8] {
            var writer = ByteWriter()
            RelayStateSlot(sequence: sequence, state: state).encode(to: &writer)
            return writer.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
        }
        func input(_ mode: UInt8, _ first: [UInt8], _ second: [UInt8]) -> Data {
            Data([mode, UInt8(first.count & 0xFF), UInt8(first.count >> 8)] + first + second)
        }
        func parked(_ position: UInt64, holding heldEventCount: UInt64?) -> ParkedEvent {
            ParkedEvent(
                position: Position(position), eventID: EventID(UUID(uuid: storeUUID)),
                rootID: Story.aggregate(Int(position)), eventType: "Told", attemptCount: 5,
                reason: "It was refused 5 times by the router.", cause: "größe",
                time: Timestamp(microsecondsSince1970: -1_700_000_000_000_000),
                isHolding: heldEventCount != nil, heldEventCount: heldEventCount ?? 0)
        }
        let begun = RelayState(cursor: 300, cursorEventID: EventID(UUID(uuid: storeUUID)))
        let full = RelayState(
            cursor: Position(UInt64.max >> 2), cursorEventID: EventID(UUID(uuid: storeUUID)),
            refusal: RelayRefusal(position: Position(UInt64.max >> 1), attemptCount: 3),
            parked: [parked(1, holding: 0), parked(200, holding: nil), parked(70_000, holding: 12)])
        let (old, new) = (slot(8, begun), slot(9, full))
        var newer = new
        newer[8] = 2
        return [
            "begun": input(0, slot(2, RelayState()), slot(1, RelayState())),
            "parked": input(0, old, new), "parked-sealed": input(1, old, new),
            "parked-named": input(2, old, new), "first-torn": input(0, Array(old.dropLast(3)), new),
            "second-torn": input(0, old, Array(new.dropLast(3))),
            "last-number": input(0, slot(.max - 1, full), slot(7, begun)),
            "both-torn-damaged": input(0, Array(old.dropLast()), Array(new.dropLast())),
            "newer-version-damaged": input(1, old, newer),
        ]
    }

    private static let storeUUID: uuid_t = (
        0x6F, 0x96, 0x19, 0xFF, 0x8B, 0x86, 0x40, 0x11, 0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 9
    )
}
