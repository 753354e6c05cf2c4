// Texts that rabbitmq-c borrows for a call.

internal import CRabbitMQ

/// Keeps copies of texts as long as it lives.
final class AMQPBytes {
    private var copies: [UnsafeMutableRawBufferPointer] = []

    deinit { copies.forEach { $0.deallocate() } }

    /// The bytes of a text; valid as long as this object.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            guard !utf8.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: utf8.count, alignment: 1)
            copy.copyMemory(from: UnsafeRawBufferPointer(utf8))
            copies.append(copy)
            return amqp_bytes_t(len: copy.count, bytes: copy.baseAddress)
        }
    }
}

extension String {
    /// What a broker said; damaged bytes are replaced.
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
