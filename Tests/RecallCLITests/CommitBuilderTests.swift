// What the lines of one commit expect of their streams, together.

import Foundation
import Recall
import Testing

@testable import RecallCLI

@Suite struct CommitBuilderTests {
    private let aggregate = AggregateID()

    private func line(_ expected: ExpectedVersion?, id: EventID = EventID()) -> EventLine {
        EventLine(
            event: NewEvent(id: id, aggregateID: aggregate, type: "A", payload: Data("1".utf8)),
            expectedVersion: expected)
    }

    @Test(
        arguments: [
            ([nil, nil], nil), ([.exact(3), nil], .exact(3)), ([.exact(3), .exact(4), .exact(5)], .exact(3)),
            ([.noStream, .exact(1), .streamExists], .noStream), ([.any, .any], .any),
            ([nil, .exact(5)], .exact(4)), ([.any, .any, .exact(2)], .exact(0)),
            ([.streamExists, .exact(2)], .exact(1)), ([nil, .streamExists], nil),
            ([nil, .exact(5), .exact(6)], .exact(4)),
        ] as [([ExpectedVersion?], ExpectedVersion?)])
    func expectationsAreBroughtBackToTheStart(_ lines: [ExpectedVersion?], _ expected: ExpectedVersion?)
        throws
    {
        var builder = CommitBuilder()
        for (index, expected) in lines.enumerated() { try builder.add(line(expected), lineNumber: index + 1) }
        #expect(builder.eventCount == lines.count)
        let commit = builder.take()
        #expect(commit.events.count == lines.count)
        #expect(commit.expectedVersions[aggregate] == expected)
        #expect(builder.isEmpty)
    }

    @Test(
        arguments: [
            [.exact(3), .exact(3)], [.exact(3), .exact(5)], [.noStream, .exact(2)], [nil, .noStream],
            [nil, .exact(0)], [.streamExists, .exact(1)], [.any, .exact(5), .exact(5)],
        ] as [[ExpectedVersion?]])
    func expectationsThatCannotHoldTogetherAreRefused(_ lines: [ExpectedVersion?]) throws {
        var builder = CommitBuilder()
        for expected in lines.dropLast() { try builder.add(line(expected), lineNumber: 1) }
        let last = try #require(lines.last)
        #expect(throws: EventLineFailure.self) { try builder.add(line(last), lineNumber: 2) }
    }

    @Test func streamsAreJudgedApart() throws {
        var builder = CommitBuilder()
        try builder.add(line(.noStream), lineNumber: 1)
        var other = line(.noStream)
        other.event.aggregateID = AggregateID()
        try builder.add(other, lineNumber: 2)
        #expect(builder.take().expectedVersions.count == 2)
    }

    @Test func anEventIDStandsOnceInACommit() throws {
        let id = EventID()
        var builder = CommitBuilder()
        try builder.add(line(nil, id: id), lineNumber: 4)
        let failure = #expect(throws: EventLineFailure.self) {
            try builder.add(line(nil, id: id), lineNumber: 9)
        }
        #expect(failure?.problem.contains("line 4") == true)
        _ = builder.take()
        try builder.add(line(nil, id: id), lineNumber: 10)
    }
}
