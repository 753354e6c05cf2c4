// The file of a relay's state on both disks: what comes back, who may have it, and that what does not hold is never taken for
// a state.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

/// States as relays come to them.
enum RelayStates {
    /// So long that a state has several sectors, of which a crash can keep some.
    private static let text = String(repeating: "It was refused by the router. ", count: 10)

    static func parked(_ number: UInt64, text: String = text) -> ParkedEvent {
        ParkedEvent(
            position: Position(number), eventID: EventID(number: number),
            rootID: AggregateID(number: number * 3), eventType: "Größe", attemptCount: Int(number % 7),
            reason: text, cause: text, time: Timestamp(microsecondsSince1970: -Int64(number)),
            isHolding: number.isMultiple(of: 2), heldEventCount: number << 20)
    }

    /// The state after a number of saves: each differs from all others.
    static func state(_ number: UInt64) -> RelayState {
        RelayState(
            cursor: Position(number * 10),
            cursorEventID: number % 3 == 0 ? nil : EventID(number: number),
            refusal: number % 4 == 1
                ? RelayRefusal(position: Position(number * 10 + 1), attemptCount: 2) : nil,
            parked: number == 0 ? [] : (0 ... number % 4).map { parked(number + $0) })
    }

    /// As many parked events as a relay parks unless told otherwise, with the longest texts.
    static var largest: RelayState {
        var state = RelayState(cursor: .last.previous, cursorEventID: EventID(number: 1))
        state.parked = (0 ..< UInt64(RelayConfiguration().parkedCountMax)).map { index in
            var event = parked(1, text: String(repeating: "x", count: 5_000))
            event.position = Position(.max - 1_000 + index)
            event.eventType = EventType(String(repeating: "t", count: 255))
            event.attemptCount = .max
            event.heldEventCount = .max
            event.time = Timestamp(microsecondsSince1970: .min)
            return event
        }
        return state
    }
}

@Suite struct RelayStateFileTests {
    /// A place on a disk.
    private static func place(isReal: Bool) throws -> (disk: any Disk, path: String) {
        isReal
            ? (POSIXDisk(), FileManager.default.temporaryDirectory.appending(path: "relay-\(UUID())").path)
            : (SimulatedDisk(), "/bank.relay")
    }

    @Test(arguments: [false, true])
    func lastSavedStateIsThereAfterReopening(isReal: Bool) async throws {
        let (disk, path) = try Self.place(isReal: isReal)
        defer { try? disk.delete(path) }
        for number in 0 ..< 12 as Range<UInt64> {
            let store = try await FileRelayStateStore.open(at: path, on: disk)
            #expect(try await store.load() == (number == 0 ? RelayState() : RelayStates.state(number)))
            try await store.save(RelayStates.state(number))
            try await store.save(RelayStates.state(number + 1))
            #expect(try await store.load() == RelayStates.state(number + 1))
            await store.close()
        }
        #expect(try disk.open(path, .readOnly).size() == RelayStateFormat.fileSize)
    }

    @Test(arguments: [false, true])
    func largestStateFits(isReal: Bool) async throws {
        let (disk, path) = try Self.place(isReal: isReal)
        defer { try? disk.delete(path) }
        let file = try RelayStateFile(at: path, startingAt: RelayState(), on: disk)
        try file.save(RelayStates.largest)
        file.close()
        #expect(
            try RelayStateFile(at: path, startingAt: RelayState(), on: disk).load() == RelayStates.largest)
    }

    @Test func stateThatDoesNotFitIsRefusedAndTheOneBeforeStays() throws {
        let disk = SimulatedDisk()
        let file = try RelayStateFile(at: "/r", startingAt: RelayStates.state(1), on: disk)
        var large = RelayStates.largest
        large.parked += (1 ... 400).map { index in
            var event = large.parked[0]
            event.position = Position(.max - 700 + UInt64(index))
            return event
        }
        #expect(throws: StoreError.self) { try file.save(large) }
        var disordered = RelayStates.state(3)
        disordered.parked.reverse()
        let error = #expect(throws: StoreError.self) { try file.save(disordered) }
        #expect(error?.code == .invalidArgument)
        #expect(try file.load() == RelayStates.state(1))
        try file.save(RelayStates.state(2))
        #expect(try file.load() == RelayStates.state(2))
    }

    @Test func newFileBeginsWhereItIsTold() async throws {
        let disk = SimulatedDisk()
        var store = try await FileRelayStateStore.open(
            at: "/r", startingAt: RelayState(cursor: 70), on: disk)
        #expect(try await store.load().cursor == 70)
        await store.close()
        store = try await FileRelayStateStore.open(at: "/r", startingAt: RelayState(cursor: 90), on: disk)
        #expect(try await store.load().cursor == 70)
    }

    @Test(arguments: [false, true])
    func secondRelayIsKeptOut(isReal: Bool) async throws {
        let (disk, path) = try Self.place(isReal: isReal)
        defer { try? disk.delete(path) }
        let first = try await FileRelayStateStore.open(at: path, on: disk)
        let error = await #expect(throws: StoreError.self) {
            try await FileRelayStateStore.open(at: path, on: disk)
        }
        #expect(error?.code == .locked)
        await first.close()
        await first.close()
        let closed = await #expect(throws: StoreError.self) { try await first.save(RelayState()) }
        #expect(closed?.code == .closed)
        await #expect(throws: StoreError.self) { try await first.load() }
        _ = try await FileRelayStateStore.open(at: path, on: disk)
    }

    @Test func missingDirectoryIsReported() async throws {
        let error = await #expect(throws: StoreError.self) {
            try await FileRelayStateStore.open(at: "/nowhere/r", on: SimulatedDisk())
        }
        #expect(error?.code == .notFound || error?.code == .unavailable)
    }

    /// Any bit of the newer slot that turns over, those included that mean nothing: the other one is taken.
    @Test func flippedBitGivesTheStateBeforeAndNeverAnother() throws {
        let disk = SimulatedDisk()
        let file = try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        try file.save(RelayStates.state(8))
        try file.save(RelayStates.state(9))
        file.close()
        // Saved as the numbers 3 and 4, so the newest is in the first slot.
        var writer = ByteWriter()
        RelayStateSlot(sequence: 4, state: RelayStates.state(9)).encode(to: &writer)
        var bytes = writer.withBytes { $0.withUnsafeBytes { [UInt8]($0) } }
        #expect(disk.contents(of: "/r")?.prefix(bytes.count) == bytes[...])
        for bit in 0 ..< bytes.count * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: FormatError.self, "bit \(bit)") {
                try RelayStateSlot(decoding: bytes.span.bytes)
            }
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
        for bit in stride(from: 0, to: bytes.count * 8, by: 97) {
            let copy = disk.crashKeepingEverything()
            copy.corrupt("/r", at: bit / 8, bit: bit % 8)
            let found = try RelayStateFile(at: "/r", startingAt: RelayState(), on: copy)
            #expect(try found.load() == RelayStates.state(8), "bit \(bit)")
            try found.save(RelayStates.state(10))
            #expect(try found.load() == RelayStates.state(10))
        }
    }

    @Test func damageOfBothSlotsIsNeverANewBeginning() throws {
        let disk = SimulatedDisk()
        let file = try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        try file.save(RelayStates.state(3))
        file.close()
        let damages: [(SimulatedDisk) throws -> Void] = [
            { for slot in 0 ..< 2 { $0.corrupt("/r", at: slot * RelayStateFormat.slotSize + 17, bit: 3) } },
            { try $0.open("/r", .readWrite).truncate(to: 0) },
            { try $0.open("/r", .readWrite).truncate(to: 20) },
            { try $0.open("/r", .readWrite).writeZeros(from: 0, to: RelayStateFormat.fileSize) },
        ]
        for damage in damages {
            let copy = disk.crashKeepingEverything()
            try damage(copy)
            let before = copy.contents(of: "/r")
            let error = #expect(throws: StoreError.self) {
                try RelayStateFile(at: "/r", startingAt: RelayState(), on: copy)
            }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains("/r") == true && error?.message.contains("position") == true)
            #expect(copy.contents(of: "/r") == before)
        }
    }

    /// Fuzzing found a file with one number in both slots: what was loaded lay where the next saving goes, which wrote over the newest
    /// state that there was. No program leaves such a file, but a copy of a slot does.
    @Test(arguments: [0, 1])
    func slotInThePlaceOfTheOtherDoesNotHold(place: Int) throws {
        let disk = SimulatedDisk()
        let file = try RelayStateFile(at: "/r", startingAt: RelayStates.state(1), on: disk)
        file.close()
        // A new file has the numbers 1 and 2; one of either kind that is greater, where it does not belong.
        let misplaced = RelayStateSlot(sequence: place == 0 ? 9 : 8, state: RelayStates.state(5))
        var writer = ByteWriter()
        misplaced.encode(to: &writer)
        let bytes = writer.withBytes { $0.withUnsafeBytes { [UInt8]($0) } }
        func put(at place: Int) throws {
            try disk.open("/r", .readWrite).write(bytes.span.bytes, at: place * RelayStateFormat.slotSize)
        }
        try put(at: place)
        let found = try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        #expect(try found.load() == RelayStates.state(1))
        found.close()
        try put(at: 1 - place)
        let again = try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        #expect(try again.load() == RelayStates.state(5))
        again.close()
        try disk.open("/r", .readWrite).writeZeros(
            from: (1 - place) * RelayStateFormat.slotSize, to: (2 - place) * RelayStateFormat.slotSize)
        let error = #expect(throws: StoreError.self) {
            try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        }
        #expect(error?.code == .damaged && error?.message.contains("place of the other") == true)
    }

    /// A program that fell back to the older slot would overwrite what the newer one knows.
    @Test(arguments: [0, 1])
    func slotOfANewerVersionIsRefused(slot: Int) throws {
        let disk = SimulatedDisk()
        try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk).close()
        var writer = ByteWriter()
        RelayStateSlot(sequence: 9, state: RelayState()).encode(to: &writer)
        var bytes = writer.withBytes { $0.withUnsafeBytes { [UInt8]($0) } }
        bytes[8] = 2
        let checksum = Checksum.crc32c(
            bytes.span.bytes.extracting(droppingFirst: RelayStateFormat.headerSize),
            after: Checksum.crc32c(bytes.span.bytes.extracting(0 ..< RelayStateFormat.checksumOffset)))
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(28 ..< 32, with: $0) }
        try disk.open("/r", .readWrite).write(bytes.span.bytes, at: slot * RelayStateFormat.slotSize)
        let error = #expect(throws: StoreError.self) {
            try RelayStateFile(at: "/r", startingAt: RelayState(), on: disk)
        }
        #expect(error?.code == .unsupported)
    }
}
