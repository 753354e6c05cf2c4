// The memory into which one reader decompresses, kept from commit to commit.

/// Lends the body of a commit as it was before compression. Used by one reader at a time.
package struct BodyMemory: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// What it takes at least, in bytes.
    package static let byteCountMin = 16 << 10

    /// What it takes at most for a body that is compressed to so many bytes: LZ4 makes at most 255 bytes of one.
    package static func byteCountMax(compressed byteCount: Int) -> Int { 255 * byteCount + 64 }

    /// What it takes, in bytes.
    package var byteCount: Int { capacity }

    package init() {
        capacity = Self.byteCountMin
        base = .allocate(byteCount: capacity + LZ4.room, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Decompresses the commit's body, where it is compressed.
    @inline(__always)
    package mutating func load(_ commit: CommitHeader, _ segment: RawSpan) throws(FormatError) {
        guard commit.frame.codec != .none else { return }
        let compressed = segment.extracting(commit.body)
        // A larger claim is not worth an allocation.
        guard commit.rawSize <= Self.byteCountMax(compressed: compressed.byteCount) else {
            throw FormatError("the body claims to be larger than its bytes can be")
        }
        if commit.rawSize > capacity {
            base.deallocate()
            capacity = commit.rawSize
            base = .allocate(byteCount: capacity + LZ4.room, alignment: 16)
        }
        let destination = UnsafeMutableRawBufferPointer(start: base, count: commit.rawSize)
        // Those with a dictionary are small, and decoded by a decoder that is made for that.
        let isWhole =
            if commit.frame.codec == .lz4WithDictionary, let dictionary = commit.dictionary {
                LZ4.decompress(
                    compressed, dictionary: segment.extracting(dictionary.content), size: commit.rawSize,
                    into: UnsafeMutableRawBufferPointer(start: base, count: capacity + LZ4.room))
            } else {
                LZ4.decompress(compressed, into: destination)
            }
        guard isWhole else { throw FormatError("the body cannot be decompressed") }
    }

    /// What was decompressed last: valid until the next call of `load`, and as long as this memory lives.
    @inline(__always)
    package func loaded(_ commit: CommitHeader) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: commit.rawSize)
    }

    /// Lends the body that was loaded last.
    @inline(__always)
    package borrowing func withBody<Result, Failure: Error>(
        of commit: CommitHeader, _ segment: RawSpan, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if commit.frame.codec == .none { return try body(segment.extracting(commit.body)) }
        return try body(UnsafeRawBufferPointer(start: base, count: commit.rawSize).bytes)
    }
}
