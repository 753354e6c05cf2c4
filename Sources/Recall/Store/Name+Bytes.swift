// Names as bytes. To Swift two strings are equal when they look the same, however their letters are
// composed; a store keeps bytes, and to it they are two names.

extension Name {
    /// Whether both are the same bytes of UTF-8.
    package func hasSameBytes(as other: Self) -> Bool {
        if rawValue.utf8.count != other.rawValue.utf8.count { return false }
        let result = rawValue.utf8.withContiguousStorageIfAvailable { left in
            other.rawValue.utf8.withContiguousStorageIfAvailable { right in
                Self.isEqual(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
            }
        }
        // Strings of another system's making have no bytes to lend.
        return (result ?? nil) ?? rawValue.utf8.elementsEqual(other.rawValue.utf8)
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
