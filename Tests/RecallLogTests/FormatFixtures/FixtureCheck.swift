// Holds a copy of a fixture against its manifest.

import Foundation
import Recall
import RecallLog
import Synchronization
import Testing

/// A store to be opened, and what it must say.
struct FixtureCheck {
    let manifest: FixtureManifest
    let copy: FixtureCopy

    /// Opens the copy, and finds out which cases that meets.
    private func open(_ access: LogAccess) throws -> (log: Log, cases: Set<String>) {
        let cases = Cases()
        var configuration = LogConfiguration()
        configuration.readerThreadCount = 1
        configuration.recoveryObserver = { met in cases.names.withLock { _ = $0.insert("\(met)") } }
        let log = try Log.openBlocking(at: copy.path, access: access, configuration: configuration)
        return (log, cases.names.withLock { $0 })
    }

    private final class Cases: Sendable {
        let names = Mutex<Set<String>>([])
    }

    /// Everything that can be read, by position, by aggregate and by graph, is what the manifest says.
    func read() throws {
        let (log, cases) = try open(.readOnly)
        #expect(cases.contains(manifest.ending), "\(cases)")
        var first = Position.first
        for loss in manifest.damage {
            #expect { try log.allEvents() } throws: { ($0 as? StoreError)?.code == .damaged }
            let before = try Self.events(of: log, EventQuery(positions: first ... Position(loss.first - 1)))
            #expect(before == manifest.events.filter { first.rawValue ..< loss.first ~= $0.position })
            first = Position(loss.last + 1)
        }
        let rest = try Self.events(of: log, EventQuery(positions: first ... .last))
        #expect(rest == manifest.events.filter { $0.position >= first.rawValue })
        #expect(try log.lastPositionBlocking().rawValue == manifest.events.last?.position)
        if manifest.damage.isEmpty { try readStreams(of: log) }
        try readSnapshots(of: log)
        try log.closeBlocking()
    }

    private func readStreams(of log: Log) throws {
        for (name, events) in Dictionary(grouping: manifest.events, by: \.aggregate) {
            let aggregate = try #require(AggregateID(name))
            #expect(try Self.events(of: log, EventQuery(.aggregate(aggregate))) == events)
            #expect(try log.statusBlocking(of: aggregate)?.version.rawValue == events.last?.version)
        }
        for (name, events) in Dictionary(grouping: manifest.events, by: \.root) {
            let root = try #require(AggregateID(name))
            #expect(try Self.events(of: log, EventQuery(.graph(root))) == events)
        }
    }

    private func readSnapshots(of log: Log) throws {
        for snapshot in manifest.snapshots {
            let aggregate = try #require(AggregateID(snapshot.aggregate))
            let found = try log.snapshotFiles.latest(of: aggregate).map(FixtureManifest.Snapshot.init)
            #expect(found == snapshot)
        }
        for name in manifest.removedSnapshots {
            let aggregate = try #require(AggregateID(name))
            #expect(try log.snapshotFiles.latest(of: aggregate) == nil)
        }
    }

    /// Verifying finds the damage that there is, and no other.
    func verify() throws {
        let report = try Log.verify(at: copy.path)
        #expect(report.segmentCount == manifest.segmentCount)
        let lost = manifest.damage.map { Position($0.first) ... Position($0.last) }
        #expect(report.findings.map(\.positions) == lost, "\(report.findings)")
        #expect(report.findings.map(\.segment) == manifest.damage.map(\.segment))
        let lostCount = manifest.damage.reduce(0) { $0 + Int($1.last - $1.first) + 1 }
        #expect(report.eventCount == manifest.events.count - lostCount)
    }

    /// Knows what was appended, goes on behind it, and is whole afterwards.
    func append() throws {
        let (log, _) = try open(.openExisting)
        let events = try log.allEvents()
        let oldest = try #require(events.first)
        let repeated = try log.appendBlocking(Commit(events: [Self.again(oldest)]))
        #expect(repeated.wasStoredBefore)
        #expect(repeated.firstPosition == oldest.position)
        var appended: [RecordedEvent] = []
        for (name, stream) in Dictionary(grouping: manifest.events, by: \.aggregate).sorted(by: {
            $0.key < $1.key
        }) {
            let last = try #require(stream.last)
            let aggregate = try #require(AggregateID(name))
            let event = NewEvent(
                aggregateID: aggregate, rootID: AggregateID(last.root), aggregateType: "Later",
                type: "Appended",
                payload: Data("{}".utf8))
            let receipt = try log.appendBlocking(
                Commit(
                    events: [event],
                    expectedVersions: [aggregate: .exact(Version(last.version))]))
            #expect(receipt.firstPosition.rawValue == UInt64(events.count + appended.count + 1))
            #expect(receipt.version(of: aggregate)?.rawValue == last.version + 1)
            appended.append(
                RecordedEvent(
                    event, position: receipt.firstPosition, version: Version(last.version + 1),
                    time: oldest.time))
        }
        try readSnapshots(of: log)
        try log.closeBlocking()
        let (reopened, _) = try open(.readOnly)
        let found = try reopened.allEvents()
        #expect(found.prefix(events.count).map(FixtureManifest.Event.init) == manifest.events)
        #expect(found.dropFirst(events.count).map(\.id) == appended.map(\.id))
        #expect(found.dropFirst(events.count).map(\.version) == appended.map(\.version))
        try reopened.closeBlocking()
        #expect(try Log.verify(at: copy.path).isWhole)
    }

    /// A store with rot is not appended to, and not changed by trying.
    func refuseToAppend() throws {
        #expect { try open(.openExisting) } throws: { ($0 as? StoreError)?.code == .damaged }
        try read()
    }

    private static func events(of log: Log, _ query: EventQuery) throws -> [FixtureManifest.Event] {
        var result: [RecordedEvent] = []
        var next: EventQuery? = query
        while let query = next {
            let page = try log.readBlocking(query)
            result += page.events
            next = page.next
        }
        return result.map(FixtureManifest.Event.init)
    }

    /// The event as it was appended.
    private static func again(_ event: RecordedEvent) -> NewEvent {
        NewEvent(
            id: event.id, aggregateID: event.aggregateID, rootID: event.rootID,
            aggregateType: event.aggregateType, type: event.type, schemaVersion: event.schemaVersion,
            time: event.time, contentType: event.contentType, metadata: event.metadata, tags: event.tags,
            payload: event.payload)
    }
}
