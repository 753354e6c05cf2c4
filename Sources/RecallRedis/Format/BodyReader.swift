// Reads the parts of a body, and never past its end.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A place in the bytes of a body. Each part is nil where the bytes are not one.
struct BodyReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A number in its shortest form; a longer one would be a second encoding of the same event.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for index in 0 ..< 10 {
            guard let byte = rest.popFirst() else { return nil }
            if index == 9, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << (7 * index)
            if byte & 0x80 == 0 { return byte == 0 && index > 0 ? nil : value }
        }
        return nil
    }

    /// Bytes behind their length.
    mutating func bytes() -> ArraySlice<UInt8>? {
        guard let length = varint(), let count = Int(exactly: length) else { return nil }
        return take(count)
    }

    mutating func text() -> String? { bytes().flatMap { String(validating: $0, as: UTF8.self) } }

    mutating func identity<ID: Identifier>() -> ID? {
        guard let bytes = take(16) else { return nil }
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes) }
        return ID(UUID(uuid: value))
    }
}
