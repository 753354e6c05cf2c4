// Text as bytes. To Swift two strings are equal when they look the same, however their letters are
// composed; a store keeps bytes, and to it they are two. Whatever is stored is compared here.

extension String {
    /// Whether both are the same bytes of UTF-8.
    package func hasSameBytes(as other: String) -> Bool {
        if utf8.count != other.utf8.count { return false }
        let result = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                Self.isEqual(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
            }
        }
        // Strings of another system's making have no bytes to lend.
        return (result ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Whether the bytes come before those of another: the order of a dictionary of bytes.
    package func hasBytes(before other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Feeds the bytes to a hash, with an end that no UTF-8 holds.
    package func hashBytes(into hasher: inout Hasher) {
        let isFed: Void? = utf8.withContiguousStorageIfAvailable { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if isFed == nil { for byte in utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }

    /// Compares as many bytes of one as of the other, eight at a time.
    private static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        if left.baseAddress == right.baseAddress { return true }
        var offset = 0
        while offset + 8 <= left.count {
            if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        while offset < left.count {
            if left[offset] != right[offset] { return false }
            offset += 1
        }
        return true
    }
}
