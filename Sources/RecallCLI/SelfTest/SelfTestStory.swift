// What the self-test writes: commits that follow from a seed and a place, so that what a store holds can be
// checked without keeping what was written.

import Recall

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The commits of a self-test, each known by its place.
struct SelfTestStory: Sendable {
    let seed: UInt64

    static let aggregateCount = 5
    static let eventCountMax = 6

    /// Which commit of a story. Every event's id repeats it.
    struct Place: Hashable, Sendable {
        /// Which life of the store, from 0.
        var round: Int
        /// Which of the threads that append at the same time, from 0.
        var writer: Int
        /// The how-manieth of the writer's commits, from 0.
        var number: Int

        /// The place in an event's id: nil where the number is no place.
        init(round: Int, writer: Int, number: Int) {
            self.round = round
            self.writer = writer
            self.number = number
        }

        init(low: UInt64) {
            round = Int(low >> 48)
            writer = Int(low >> 40 & 0xFF)
            number = Int(low >> 8 & 0xFFFF_FFFF)
        }

        /// The lower half of the id of an event at this place.
        func low(index: Int) -> UInt64 {
            UInt64(round & 0xFFFF) << 48 | UInt64(writer & 0xFF) << 40 | UInt64(number & 0xFFFF_FFFF) << 8
                | UInt64(index & 0xFF)
        }
    }

    /// The commit at a place: always the same.
    func commit(at place: Place) -> Commit {
        var random = SplitMix64(seed: seed ^ place.low(index: 0xFF))
        let count = Int.random(in: 1 ... Self.eventCountMax, using: &random)
        return Commit(
            events: (0 ..< count).map { index in
                let size = Int.random(in: 0 ..< 400, using: &random)
                let text = String(
                    decoding: (0 ..< size).map { _ in
                        UInt8.random(in: 0x61 ... 0x7A, using: &random)
                    }, as: UTF8.self)
                let json =
                    "{\"round\":\(place.round),\"writer\":\(place.writer),\"number\":\(place.number),\"text\":\"\(text)\"}"
                return NewEvent(
                    id: EventID(high: seed, low: place.low(index: index)),
                    aggregateID: AggregateID(
                        high: seed, low: UInt64(Int.random(in: 0 ..< Self.aggregateCount, using: &random))),
                    aggregateType: "SelfTest", type: "Written", payload: Data(json.utf8))
            })
    }

    /// The place that an event's id names; nil for an id that is not of this story.
    func place(of id: EventID) -> Place? {
        let (high, low) = id.halves
        return high == seed ? Place(low: low) : nil
    }
}
