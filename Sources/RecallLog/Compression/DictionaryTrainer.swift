// Makes the dictionary of the next segment out of what the last one ended with.

/// Gathers bodies until a dictionary is full. Its content is what came last: events of an application resemble those
/// shortly before them.
package struct DictionaryTrainer: ~Copyable {
    private var content: ByteWriter
    private let contentBytesMax: Int

    /// Of a large body, this much is taken at most, in bytes.
    private static let bodyBytesMax = 2 << 10

    package init(contentBytesMax: Int) {
        self.contentBytesMax = max(0, min(contentBytesMax, Format.dictionaryBytesMax))
        content = ByteWriter(capacity: self.contentBytesMax)
    }

    package mutating func add(_ body: RawSpan) {
        let count = min(body.byteCount, Self.bodyBytesMax, contentBytesMax - content.count)
        if count > 0 { content.bytes(body.extracting(0 ..< count)) }
    }

    package consuming func finish() -> ByteWriter { content }
}
