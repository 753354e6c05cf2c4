// A store in memory that is wrong in one way, chosen by name. It sits around a right one, so that each
// wrong is one small change and everything else holds.

import Foundation
import Recall
import RecallTestKit
import Synchronization

/// A store that is wrong in one way.
final class SabotagedEventStore: EventStore {
    private let sabotage: Sabotage
    private let store: MemoryEventStore
    private let storedIDs = Mutex(Set<EventID>())

    init(sabotage: Sabotage) {
        self.sabotage = sabotage
        var limits = StoreLimits.standard
        if sabotage == .acceptsLargePayload { limits.payloadBytesMax = .max }
        let time = Timestamp(microsecondsSince1970: 0)
        store = MemoryEventStore(
            clock: sabotage == .stampsNoTime ? .fixed(at: time) : .system, limits: limits)
    }

    func append(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        var commit = commit
        let knownCount = storedIDs.withLock { known in commit.events.count { known.contains($0.id) } }
        try await changeChecks(of: &commit, knownCount: knownCount)
        await changeEvents(of: &commit, knownCount: knownCount)
        if commit.events.isEmpty, sabotage == .acceptsEmptyCommit {
            let last = try await store.lastPosition()
            return CommitReceipt(
                firstPosition: last, lastPosition: last, versions: [:], wasStoredBefore: false)
        }
        var receipt: CommitReceipt
        do throws(StoreError) {
            receipt = try await sabotage == .splitsCommit ? appendInParts(commit) : store.append(commit)
        } catch {
            throw try await changed(error, of: commit)
        }
        storedIDs.withLock { $0.formUnion(commit.events.map(\.id)) }
        switch sabotage {
        case .wrongWasStoredBefore: receipt.wasStoredBefore = false
        case .repetitionNamesLastPosition where receipt.wasStoredBefore:
            receipt.firstPosition = try await store.lastPosition()
        case .skipsPosition:
            receipt.firstPosition = receipt.firstPosition.next
            receipt.lastPosition = receipt.lastPosition.next
        default: break
        }
        return receipt
    }

    private func changeChecks(of commit: inout Commit, knownCount: Int) async throws(StoreError) {
        switch sabotage {
        case .dropsVersionChecks: commit.expectedVersions = [:]
        case .dropsStreamExistsCheck:
            commit.expectedVersions = commit.expectedVersions.filter { $0.value != .streamExists }
        case .dropsGraphChecks: commit.expectedGraphPositions = [:]
        case .repetitionChecksVersions where knownCount == commit.events.count:
            for (id, expected) in commit.expectedVersions {
                let actual = try await store.status(of: id)?.version ?? .beforeFirst
                if !expected.accepts(actual) { throw StoreError(.conflict, "The repetition conflicts.") }
            }
        default: break
        }
    }

    private func changeEvents(of commit: inout Commit, knownCount: Int) async {
        switch sabotage {
        case .reordersCommit: commit.events.reverse()
        case .losesSecondEvent where commit.events.count > 1: commit.events.remove(at: 1)
        case .forgetsIDs: for index in commit.events.indices { commit.events[index].id = EventID() }
        case .storesNewOfMixture where knownCount > 0 && knownCount < commit.events.count:
            commit.events = storedIDs.withLock { known in commit.events.filter { !known.contains($0.id) } }
        case .normalizesText:
            for index in commit.events.indices {
                let type = commit.events[index].type.rawValue
                commit.events[index].type = EventType(type.precomposedStringWithCanonicalMapping)
                commit.events[index].tags = commit.events[index].tags.map {
                    EventTag($0.rawValue.precomposedStringWithCanonicalMapping)
                }
            }
        case .comparesBodiesByLooks:
            for index in commit.events.indices {
                let id = commit.events[index].id
                let known = try? await store.read(EventQuery()).events.first { $0.id == id }
                if let known, known.type.rawValue == commit.events[index].type.rawValue {
                    commit.events[index].type = known.type
                    commit.events[index].metadata = known.metadata
                }
            }
        case .replacesTime: for index in commit.events.indices { commit.events[index].time = nil }
        case .acceptsOtherPayload:
            for index in commit.events.indices { commit.events[index].payload = Data() }
        case .acceptsOtherTags, .dropsTags:
            for index in commit.events.indices { commit.events[index].tags = [] }
        case .dropsMetadata: for index in commit.events.indices { commit.events[index].metadata = [:] }
        case .altersPayload:
            for index in commit.events.indices {
                commit.events[index].payload = Data(
                    String(decoding: commit.events[index].payload, as: UTF8.self).utf8)
            }
        default: break
        }
    }

    /// Stores a commit's second half when readers have already seen the first.
    private func appendInParts(_ commit: Commit) async throws(StoreError) -> CommitReceipt {
        if commit.events.count < 2 { return try await store.append(commit) }
        var first = commit
        first.events = [commit.events[0]]
        let begin = try await store.append(first)
        await Task.yield()
        var rest = Commit(events: Array(commit.events.dropFirst()))
        rest.expectedVersions = commit.expectedVersions.filter { id, _ in id != commit.events[0].aggregateID }
        let end = try await store.append(rest)
        return CommitReceipt(
            firstPosition: begin.firstPosition, lastPosition: end.lastPosition,
            versions: begin.versions.merging(end.versions) { $1 }, wasStoredBefore: end.wasStoredBefore)
    }

    private func changed(_ error: StoreError, of commit: Commit) async throws(StoreError) -> StoreError {
        var error = error
        if error.code == .conflict, sabotage == .conflictNamesWrongVersion {
            error.versionConflict?.actual = .last
        }
        if error.code == .conflict, sabotage == .conflictWritesFirstEvent, let first = commit.events.first {
            _ = try await store.append(Commit(events: [first]))
        }
        return error
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        var query = query
        switch sabotage {
        case .ignoresLimit: query.limit = query.limit.map { $0 < 0 ? $0 : .max }
        case .ignoresTypeFilter: query.eventTypes = []
        case .ignoresAggregateTypeFilter: query.aggregateTypes = []
        case .ignoresCriteria: query.matching = nil
        case .ignoresTags:
            query.matching = query.matching.map { EventCriteria($0.items.map { .init(types: $0.types) }) }
        case .takesAnyTag:
            query.matching = query.matching.map { criteria in
                EventCriteria(
                    criteria.items.flatMap { item in
                        item.tags.isEmpty ? [item] : item.tags.map { .init(types: item.types, tags: [$0]) }
                    })
            }
        case .takesFirstItemOnly:
            query.matching = query.matching.map { EventCriteria(Array($0.items.prefix(1))) }
        case .emptyCriteriaMatchAll: if query.matching?.items.isEmpty == true { query.matching = nil }
        case .ignoresSince: query.since = nil
        case .ignoresUntil: query.until = nil
        case .untilIsExclusive:
            query.until = query.until.map { Timestamp(microsecondsSince1970: $0.microsecondsSince1970 - 1) }
        case .ignoresVersionRange: query.versions = .first ... .last
        case .ignoresUpperPosition: query.positions = query.positions.lowerBound ... .last
        case .ignoresDirection: query.direction = .forwards
        case .filtersByLooks:
            let names = query.eventTypes.map(\.rawValue)
            let all = try await store.read(EventQuery()).events.map(\.type)
            query.eventTypes.formUnion(all.filter { names.contains($0.rawValue) })
        case .ignoresCursors: if query.cursor != nil { query.cursor = .start }
        case .knowsNoIDOfACursor: query.cursor?.eventID = nil
        case .ignoresBytesOfPages: if query.pageBytesMax > 0 { query.pageBytesMax = .max }
        case .streamHoldsChildren: if case .aggregate(let id) = query.scope { query.scope = .graph(id) }
        default: break
        }
        var page = try await store.read(query)
        switch sabotage {
        case .ignoresLimitOnLaterPages: page.next?.limit = query.limit
        case .graphLeavesOutChildren:
            if case .graph(let id) = query.scope { page.events.removeAll { $0.aggregateID != id } }
        case .losesEventAtPageSeam:
            if let next = page.next, query.direction == .forwards {
                page.next?.positions =
                    next.positions.lowerBound.next
                    ... max(next.positions.lowerBound.next, next.positions.upperBound)
            }
        case .repeatsEventAtPageSeam:
            if let last = page.events.last, page.events.count > 1, query.direction == .forwards {
                page.next?.positions = last.position ... max(last.position, query.positions.upperBound)
            }
        case .givesNoCursor: page.cursor = nil
        case .cursorPassesWhatTheLimitLeft where page.next == nil && page.cursor != nil,
            .cursorPassesTheNextPage where page.next != nil && page.cursor != nil:
            page.cursor = try await store.read(EventQuery(direction: .backwards, limit: 1)).events.first.map {
                EventCursor(after: $0)
            }
        case .cursorOfAnotherEvent where page.cursor?.eventID != nil: page.cursor?.eventID = EventID()
        case .cursorStaysAtTheLastEvent where page.cursor != nil:
            page.cursor = page.events.last.map { EventCursor(after: $0) } ?? query.cursor
        default: break
        }
        return page
    }

    func status(of aggregate: AggregateID) async throws(StoreError) -> AggregateStatus? {
        let status = try await store.status(of: aggregate)
        switch sabotage {
        case .statusOfAbsent: return status ?? AggregateStatus(version: 0, graphPosition: 0)
        case .statusIgnoresChildren:
            let last = try await store.read(
                EventQuery(.aggregate(aggregate), direction: .backwards, limit: 1))
            return last.events.first.map { AggregateStatus(version: $0.version, graphPosition: $0.position) }
        default: return status
        }
    }

    func lastPosition() async throws(StoreError) -> Position {
        let last = try await store.lastPosition()
        // As a store does that publishes a commit event by event.
        return sabotage == .showsUnfinishedCommit && last > 200 ? last.previous : last
    }

    func waitForEvent(after position: Position) async throws(StoreError) {
        switch sabotage {
        case .waitReturnsEarly:
            if Task.isCancelled { throw StoreError(.cancelled, "The task was cancelled.") }
        case .waitIgnoresCancellation:
            do throws(StoreError) { try await store.waitForEvent(after: position) } catch {
                if error.code != .cancelled { throw error }
            }
        default: try await store.waitForEvent(after: position)
        }
    }
}
