// The same line, straight from the engine's borrowed bytes: nothing is copied but into the buffer.

import Recall
import RecallLog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension EventLineEncoder {
    /// Appends the line of an event that lies in `bytes`, with its line feed.
    /// - Throws: `FormatError` where a string is not UTF-8.
    static func append(
        _ fields: EventFields, _ bytes: RawSpan, to buffer: inout [UInt8]
    ) throws(FormatError) {
        let aggregateID = fields.aggregateID
        appendPlace(fields.position, aggregateID, to: &buffer)
        try appendText(fields.aggregateType, bytes, to: &buffer)
        appendIdentity(fields.version, fields.id, to: &buffer)
        try appendText(fields.type, bytes, to: &buffer)
        appendTime(fields.time, to: &buffer)
        appendMetadata(try metadata(fields, bytes), to: &buffer)
        buffer.append(contentsOf: ",\"tags\":[".utf8)
        var reader = ByteReader(fields.tags)
        for index in 0 ..< fields.tagCount {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            try appendText(try reader.sized(bytes), bytes, to: &buffer)
        }
        buffer.append(UInt8(ascii: "]"))
        appendRoot(fields.rootID, of: aggregateID, fields.schemaVersion, to: &buffer)
        let contentType: ContentType =
            fields.contentType == 0 ..< 0
            ? .json : ContentType(try EventFields.string(fields.contentType, bytes))
        bytes.extracting(fields.payload).withUnsafeBytes { payload in
            appendPayload(payload.bindMemory(to: UInt8.self).span, contentType, to: &buffer)
        }
        buffer.append(contentsOf: "}\n".utf8)
    }

    private static func metadata(
        _ fields: EventFields, _ bytes: RawSpan
    ) throws(FormatError) -> EventMetadata {
        var values: [MetadataKey: String] = [:]
        var reader = ByteReader(fields.metadata)
        for _ in 0 ..< fields.metadataCount {
            let name = MetadataKey(try EventFields.string(try reader.sized(bytes), bytes))
            values[name] = try EventFields.string(try reader.sized(bytes), bytes)
        }
        return EventMetadata(values)
    }

    private static func appendText(
        _ range: Range<Int>, _ bytes: RawSpan, to buffer: inout [UInt8]
    ) throws(FormatError) {
        let isText = bytes.extracting(range).withUnsafeBytes { text in
            let text = text.bindMemory(to: UInt8.self).span
            guard UTF8Text.firstFault(in: text) == nil else { return false }
            JSONText.append(text, to: &buffer)
            return true
        }
        if !isText { throw .utf8 }
    }
}
