// The probe of events on Redis: one event has one encoding, by which the server's script tells a repetition from another event.

public import Foundation
internal import Recall
internal import RecallProbes
internal import RecallRedis

extension AdapterProbe {
    /// Reads bytes as the body of an event.
    ///
    /// Checked: what is taken for an event is, encoded again, the same bytes, and has the position, version and time that it was
    /// given; with one byte less or more it is none.
    /// - Parameter input: the mode (0 leaves the bytes as they are, all others put the right checksum behind them), then the body.
    /// - Returns: 1 where the body is an event, else 0.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func redisEvent(_ input: Data) throws -> Int {
        guard let mode = input.first else { return 0 }
        var body = Array(input.dropFirst())
        if mode != 0 { body += EventBody.checksum(body[...]) }
        guard let event = decode(body) else { return 0 }
        try require(
            event.position == 7 && event.version == 3 && event.time == time && event.schemaVersion > 0,
            "an event has another place or time than it was given")
        let again = NewEvent(
            id: event.id, aggregateID: event.aggregateID, rootID: event.rootID,
            aggregateType: event.aggregateType, type: event.type, schemaVersion: event.schemaVersion,
            contentType: event.contentType, metadata: event.metadata, tags: event.tags,
            payload: event.payload)
        try require(EventBody.encode(again) == body, "an event has two encodings")
        try require(decode(body.dropLast()) == nil, "an event is taken without its last byte")
        try require(decode(body + [0]) == nil, "an event is taken with a byte behind it")
        return 1
    }

    private static let time = Timestamp(microsecondsSince1970: -5)

    private static func decode(_ body: [UInt8]) -> RecordedEvent? {
        EventBody.decode(body, position: 7, version: 3, time: time)
    }
}
