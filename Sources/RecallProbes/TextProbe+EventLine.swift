// The probe of lines of events, as `recall append` reads them and `recall replay` and routers write them.

public import Foundation
internal import Recall

extension TextProbe {
    /// Reads bytes as one line.
    ///
    /// Checked: a line that is refused gets one sentence; one that is taken is JSON, and the event, written as a line and
    /// read again, is the same. What is JSON at all is held against Foundation's parser.
    /// - Parameter input: the line, without its line feed.
    /// - Returns: 1 where the line is an event, else 0.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func eventLine(_ input: Data) throws -> Int {
        let isText = String(validating: input, as: UTF8.self) != nil
        let isJSON = isText && JSONScanner.isValue(input.span)
        if isText { try compareWithFoundation(input, isJSON: isJSON) }
        let fixed = EventID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9)))
        let decoder = EventLineDecoder(makeEventID: { fixed })
        let line: EventLine
        do throws(EventLineFailure) {
            line = try decoder.decode(input.span)
        } catch {
            try checkMessage(error.problem, lengthMax: 700)
            return 0
        }
        try require(isJSON, "a line is taken that is no JSON")
        let event = RecordedEvent(
            line.event, position: 1, version: 1,
            time: line.event.time ?? Timestamp(microsecondsSince1970: 1_700_000_000_000_000))
        let printed = event.jsonLine
        let printedBytes = ContiguousArray(printed.utf8)
        try require(!printed.utf8.contains(0x0A), "a line is printed that has a line feed in it")
        try require(JSONScanner.isValue(printedBytes.span), "a line is printed that is no JSON: \(printed)")
        let again: EventLine
        do throws(EventLineFailure) {
            again = try decoder.decode(printedBytes.span)
        } catch {
            throw ProbeFailure("what is printed is not read again: \(error.problem): \(printed)")
        }
        var expected = line.event
        // Line breaks between the parts of a payload are not kept: only the text of its values is.
        if expected.payload.contains(0x0A) || expected.payload.contains(0x0D), expected.contentType.isJSON,
            JSONScanner.isValue(expected.payload.span)
        {
            var compact: [UInt8] = []
            JSONText.appendCompact(expected.payload.span, to: &compact)
            expected.payload = Data(compact)
        }
        expected.time = event.time
        try require(again.event == expected, "what is printed is read as another event: \(printed)")
        return 1
    }

    /// What one parser takes the other takes, but for what RFC 8259 leaves open: byte order marks and encodings, how deep
    /// values may stand in each other, how large numbers may be, and whether surrogates are paired.
    private static func compareWithFoundation(_ input: Data, isJSON: Bool) throws {
        guard !input.contains(0), !input.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let isFoundations =
            (try? JSONSerialization.jsonObject(with: input, options: .fragmentsAllowed)) != nil
        guard isFoundations != isJSON else { return }
        let text = String(decoding: input, as: UTF8.self).lowercased()
        if isFoundations {
            // It takes a comma behind the last value, which RFC 8259 does not know.
            try require(
                text.contains(/,\s*[\]}]/) || text.contains(/[\[{](\s*[\[{]){200}/),
                "Foundation takes for JSON what is refused here")
            return
        }
        let hasOpenQuestion =
            text.contains("\\ud") || text.contains(/[0-9]{15}|[0-9]e/) || text.contains(/[\[{]\s*[\[{]/)
        try require(hasOpenQuestion, "Foundation refuses what is taken for JSON here")
    }
}
