// What a rewritten segment is held against, frame by frame, before it takes the place of the old one. A rewriting with a bug would be
// found by nothing else: its checksums hold, and the old segment is gone.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallLog

@Suite struct FrameComparisonTests {
    private static let segment = SegmentHeader(
        storeID: RawIdentifier(high: 1, low: 1), number: 1, salt: 1, epoch: 1, firstPosition: 1, baseTime: 0,
        capacity: 64 << 10)

    private func link(_ bytes: [UInt8]) throws -> ChainLink {
        var chain = FrameChain(IndexCoverage(startOf: Self.segment), in: SegmentContext(header: Self.segment))
        chain.offset = 0
        return try chain.next(bytes.span.bytes)
    }

    /// What the comparison says of two frames; nil where they are the same.
    private func difference(_ old: [UInt8], _ new: [UInt8]) throws -> String? {
        let (before, after) = (try link(old), try link(new))
        do throws(FormatError) {
            try FrameComparison().compare(before, old.span.bytes, after, new.span.bytes)
            return nil
        } catch {
            return error.reason
        }
    }

    private func frame(
        _ event: NewEvent = Story.event(1, of: 1), durable: UInt64 = 0, version: UInt64 = 1, time: Int64 = 5
    ) -> [UInt8] {
        TestFrame.commit(
            event, at: 0, position: 1, durable: durable, version: version, time: time, in: Self.segment)
    }

    @Test func theSameCommitIsTheSame() throws { #expect(try difference(frame(), frame()) == nil) }

    @Test func anotherBodyIsFound() throws {
        var event = Story.event(1, of: 1)
        event.payload[event.payload.count - 2] ^= 1
        #expect(try difference(frame(), frame(event)) == "the body of a commit is another")
    }

    /// Any one byte: the words that are compared at a time, and those behind the last word.
    @Test func anotherByteAnywhereInABodyIsFound() throws {
        let event = Story.event(1, of: 1, padding: 21)
        for index in event.payload.indices {
            var other = event
            other.payload[index] ^= 0x40
            #expect(try difference(frame(event), frame(other)) != nil, "byte \(index)")
        }
    }

    @Test func anotherEventIDIsFound() throws {
        var event = Story.event(1, of: 1)
        event.id = Story.eventID(2)
        #expect(try difference(frame(), frame(event)) == "an event has another id")
    }

    @Test func anotherStreamOrVersionIsFound() throws {
        var event = Story.event(1, of: 1)
        event.aggregateID = Story.aggregate(2)
        #expect(try difference(frame(), frame(event)) == "a commit lists another stream or version")
        #expect(try difference(frame(), frame(version: 2)) == "a commit lists another stream or version")
    }

    @Test func anotherTimeIsFound() throws {
        #expect(try difference(frame(), frame(time: 6)) == "a commit states another time or count")
    }

    @Test func framesWithoutEventsAreCompared() throws {
        let seal = TestFrame.seal(at: 0, position: 1, in: Self.segment)
        #expect(try difference(seal, seal) == nil)
        #expect(
            try difference(seal, TestFrame.seal(at: 0, position: 1, frameCount: 2, in: Self.segment)) != nil)
        #expect(try difference(seal, frame()) != nil)
    }
}
