// What the frame of a commit says of its streams is held against the records in its body. Recovery and the index go by the frame alone,
// and readers by the records: where the two differ, they would answer differently.

import Recall
import RecallTestKit
import Testing

@testable import RecallLog

@Suite struct CommitCheckTests {
    private static let root = RawIdentifier(high: 0, low: 1)
    private static let child = RawIdentifier(high: 0, low: 2)

    /// The streams of a commit with an event of the root, one of a child and one of the root.
    private static let streams = [
        StreamEntry(id: root, root: 0, previousVersion: 4, eventCount: 2, lastIndex: 2),
        StreamEntry(id: child, root: 1, previousVersion: 0, eventCount: 1, lastIndex: 1),
    ]

    /// What the check says of the commit with other streams in its frame; nil where it finds nothing.
    private func finding(
        _ streams: [StreamEntry], times: [Int64] = [10], events: [RawIdentifier] = [root, child, root]
    ) throws -> String? {
        var check = CommitCheck()
        do throws(FormatError) {
            for time in times {
                check.begin()
                for id in events {
                    var event = EventFields.none
                    event.rawAggregateID = id
                    event.rawRootID = Self.root
                    check.add(event)
                }
                try check.finish(Self.commit(at: time), streams)
            }
            return nil
        } catch {
            return error.reason
        }
    }

    /// A header of which only the time counts here.
    private static func commit(at time: Int64) throws(FormatError) -> CommitHeader {
        let segment = SegmentHeader(
            storeID: root, number: 1, salt: 1, epoch: 1, firstPosition: 1, baseTime: 0, capacity: 64 << 10)
        let bytes = TestFrame.commit(
            Story.event(1, of: 1), at: 0, position: 1, durable: 0, version: 1, time: time, in: segment)
        let frame = try FrameHeader.decode(bytes.span.bytes, at: 0, in: segment)
        return try CommitHeader(decoding: frame, bytes.span.bytes, in: SegmentContext(header: segment))
    }

    @Test func commitWhoseStreamsAreItsRecordsIsRight() throws {
        #expect(try finding(Self.streams) == nil)
        #expect(try finding(Self.streams, times: [10, 10, 11]) == nil)
    }

    @Test(arguments: [0, 1], [-1, 1])
    func anotherCountOfEventsIsFound(stream: Int, difference: Int) throws {
        var streams = Self.streams
        streams[stream].eventCount += difference
        #expect(try finding(streams)?.contains("and its records are") == true)
    }

    @Test(arguments: [0, 1], [-1, 1])
    func anotherLastEventIsFound(stream: Int, difference: Int) throws {
        var streams = Self.streams
        streams[stream].lastIndex += difference
        #expect(try finding(streams)?.contains("to index") == true)
    }

    @Test func streamListedTwiceIsFound() throws {
        #expect(try finding(Self.streams + [Self.streams[1]])?.contains("lists a stream twice") == true)
    }

    /// Roots that lead in a circle, or to one that is no root, make a graph that nobody can load.
    @Test func rootThatHasARootIsFound() throws {
        var streams = Self.streams
        streams[0].root = 2
        #expect(try finding(streams)?.contains("has a root itself") == true)
    }

    /// Times are what the clock said, which may have been set back.
    @Test func commitEarlierThanTheOneBeforeItIsNoFinding() throws {
        #expect(try finding(Self.streams, times: [10, 9]) == nil)
    }
}
