// What the engine's tests share: a log on either disk, and events that are easy to tell apart.

import Foundation
import Recall
import RecallLog
import RecallTestKit

/// A disk and a place on it for one store.
struct Bench: Sendable, CustomStringConvertible {
    enum Kind: String, CaseIterable, Sendable {
        case real, simulated
        /// A single-file store on each of them.
        case realFile, simulatedFile

        var isFile: Bool { self == .realFile || self == .simulatedFile }
        var isSimulated: Bool { self == .simulated || self == .simulatedFile }
    }

    let kind: Kind
    let disk: any Disk
    let path: String
    let configuration: LogConfiguration

    var description: String { kind.rawValue }

    /// Segments are small, so that tests see many.
    init(_ kind: Kind, segmentBytesMax: Int = 64 << 10, durability: Durability = .commit) throws {
        self.kind = kind
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = segmentBytesMax
        configuration.durability = durability
        configuration.readerThreadCount = 1
        self.configuration = configuration
        let suffix = kind.isFile ? SingleFileDisk.suffix : ""
        if kind.isSimulated {
            disk = SimulatedDisk()
            path = "/store" + suffix
        } else {
            disk = POSIXDisk()
            path = FileManager.default.temporaryDirectory.appending(path: "recall-\(UUID())").path + suffix
        }
    }

    /// The same store on another disk, such as a copy of its own.
    init(_ other: Bench, on disk: any Disk) {
        kind = other.kind
        self.disk = disk
        path = other.path
        configuration = other.configuration
    }

    /// The disk that the store's files are on.
    var files: any Disk { InsideDisk.files(ofStoreAt: path, on: disk) }

    func open(
        _ access: LogAccess = .createOrOpen, _ change: (inout LogConfiguration) -> Void = { _ in }
    ) throws(StoreError) -> Log {
        var configuration = configuration
        change(&configuration)
        return try Log.openBlocking(at: path, access: access, configuration: configuration, disk: disk)
    }

    /// Removes what is on the real disk.
    func remove() {
        if !kind.isSimulated { try? FileManager.default.removeItem(atPath: path) }
    }
}

/// Commits that say which they are.
enum Story {
    static func aggregate(_ number: Int) -> AggregateID {
        AggregateID(RawIdentifier(high: 0xA, low: UInt64(number)).uuid)
    }

    static func eventID(_ number: Int) -> EventID {
        EventID(RawIdentifier(high: 0xE, low: UInt64(number)).uuid)
    }

    /// An event whose payload tells its number.
    static func event(_ number: Int, of aggregate: Int, padding: Int = 0) -> NewEvent {
        NewEvent(
            id: eventID(number), aggregateID: Story.aggregate(aggregate), aggregateType: "Tale", type: "Told",
            payload: Data(
                "{\"number\":\(number),\"padding\":\"\(String(repeating: "x", count: padding))\"}".utf8))
    }

    /// The same with as many characters that do not compress.
    static func event(_ number: Int, of aggregate: Int, noise count: Int) -> NewEvent {
        var random = SeededGenerator(seed: UInt64(number))
        var event = event(number, of: aggregate)
        let noise = (0 ..< count).map { _ in UInt8.random(in: 0x23 ... 0x5B, using: &random) }
        event.payload = Data("{\"number\":\(number),\"noise\":\"".utf8 + noise + Array("\"}".utf8))
        return event
    }

    static func commit(_ numbers: ClosedRange<Int>, of aggregate: Int, padding: Int = 0) -> Commit {
        Commit(numbers.map { event($0, of: aggregate, padding: padding) }, to: Story.aggregate(aggregate))
    }

    static func number(_ event: RecordedEvent) -> Int? {
        String(decoding: event.payload, as: UTF8.self)
            .split(separator: ":").dropFirst().first?.split(separator: ",").first.flatMap { Int($0) }
    }
}

extension Log {
    /// Everything that can be read, in order.
    func allEvents() throws(StoreError) -> [RecordedEvent] {
        var result: [RecordedEvent] = []
        var next: EventQuery? = EventQuery()
        while let query = next {
            let page = try readBlocking(query)
            result += page.events
            next = page.next
        }
        return result
    }

    /// The numbers of `Story` events, in order.
    func numbers() throws(StoreError) -> [Int] { try allEvents().compactMap(Story.number) }
}
