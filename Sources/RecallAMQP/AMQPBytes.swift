// Texts that rabbitmq-c borrows for a call.

internal import CRabbitMQ

/// Keeps copies of texts as long as it lives.
final class AMQPBytes {
    private var copies: [UnsafeMutableRawBufferPointer] = []
    private var lists: [UnsafeMutableBufferPointer<amqp_field_value_t>] = []

    deinit {
        copies.forEach { $0.deallocate() }
        lists.forEach { $0.deallocate() }
    }

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

    /// A header; valid as long as this object.
    func entry(_ header: AMQPHeader) -> amqp_table_entry_t {
        var entry = amqp_table_entry_t()
        entry.key = bytes(header.name)
        switch header.value {
        case .text(let text): entry.value = value(text)
        case .list(let texts):
            let list = UnsafeMutableBufferPointer<amqp_field_value_t>.allocate(capacity: texts.count)
            lists.append(list)
            for (index, text) in texts.enumerated() { list.initializeElement(at: index, to: value(text)) }
            entry.value.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            entry.value.value.array = amqp_array_t(num_entries: Int32(list.count), entries: list.baseAddress)
        }
        return entry
    }

    private func value(_ text: String) -> amqp_field_value_t {
        var value = amqp_field_value_t()
        value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        value.value.bytes = bytes(text)
        return value
    }
}

extension String {
    /// What a broker said; damaged bytes are replaced.
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
