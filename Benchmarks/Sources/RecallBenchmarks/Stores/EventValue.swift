// An event as the value of a key, for the stores that know keys and values only: id, aggregate, version, type, payload.

import Foundation
import RecallBenchmarksKit

/// Encodes and decodes values, and the keys that sort by aggregate and version.
enum EventValue {
    static let headerByteCount = 37

    /// Writes an event into exactly `headerByteCount` and its payload's bytes.
    static func encode(_ event: BenchmarkEvent, into bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: event.id.uuid, as: uuid_t.self)
        bytes.storeBytes(of: event.aggregate.uuid, toByteOffset: 16, as: uuid_t.self)
        bytes.storeBytes(of: event.version, toByteOffset: 32, as: UInt32.self)
        bytes[36] = event.typeNumber
        event.payload.withUnsafeBytes { payload in
            UnsafeMutableRawBufferPointer(rebasing: bytes[headerByteCount...]).copyMemory(from: payload)
        }
    }

    static func version(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.count < headerByteCount ? 0 : UInt64(bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self))
    }

    static func payload(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes.dropFirst(headerByteCount))
    }

    /// Writes the 20 bytes that sort by aggregate, then by version.
    static func encodeKey(aggregate: UUID, version: UInt32, into bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: aggregate.uuid, as: uuid_t.self)
        bytes.storeBytes(of: version.bigEndian, toByteOffset: 16, as: UInt32.self)
    }

    /// Whether two keys are of the same aggregate.
    static func isSameAggregate(_ key: UnsafeRawBufferPointer, _ other: UnsafeMutableRawBufferPointer) -> Bool
    {
        key.prefix(16).elementsEqual(other.prefix(16))
    }
}
