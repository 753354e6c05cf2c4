// Answers out of the bytes of a stream, by the parser of hiredis.

internal import CHiredis

/// Cuts a stream of bytes into answers. After an error it gives no more.
package struct ReplyReader: ~Copyable {
    /// What may wait for the rest of an answer. The store asks for far less at once.
    package static let bytesMax = 512 << 20

    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>

    private let bytesMax: Int

    /// - Parameter bytesMax: how many bytes may wait to become an answer.
    /// - Throws: `connection` where there is no memory.
    package init(bytesMax: Int = ReplyReader.bytesMax) throws(RedisFailure) {
        self.bytesMax = bytesMax
        functions = ReplyNode.makeFunctions()
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw .connection("there is no memory for the parser", mayHaveRun: false)
        }
        self.reader = reader
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    /// Adds bytes of the stream.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        guard reader.pointee.len - reader.pointee.pos + bytes.count <= bytesMax else {
            throw .connection(
                "the server sent more than \(bytesMax) bytes for one answer", mayHaveRun: true)
        }
        let result = redisReaderFeed(
            reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        if result != REDIS_OK { throw failure }
    }

    /// The next answer; nil while it is not there whole.
    package mutating func next() throws(RedisFailure) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object else { return nil }
        return Unmanaged<ReplyNode>.fromOpaque(object).takeRetainedValue().finish()
    }

    private var failure: RedisFailure {
        // A C array of 128, which ends with a zero.
        let text = withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .connection("the server does not speak Redis's protocol (\(text))", mayHaveRun: true)
    }
}
