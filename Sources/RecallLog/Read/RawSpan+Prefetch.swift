// A hint to the processor, so that frames which lie far apart do not cost a wait for memory each.

internal import CRecallSystem

extension RawSpan {
    /// Asks for the bytes of a small frame at an offset, ahead of their use; one outside is left alone.
    @inline(__always)
    func prefetch(at offset: Int) {
        guard offset >= 0, offset < byteCount else { return }
        // The address is inside the span and is not read here: the processor drops what cannot be had.
        withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { recall_prefetch(base + offset) }
        }
    }
}
