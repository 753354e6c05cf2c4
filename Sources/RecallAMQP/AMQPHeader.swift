// The headers of a message: the attributes of its CloudEvent, and what has no place among them. Nothing that an event holds is left
// out without a word: what fits nowhere makes the message one that is refused.

internal import Recall

/// A header with its value.
struct AMQPHeader: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case text(String)
        /// An array of texts.
        case list([String])
    }

    var name: String
    var value: Value

    /// How many bytes of UTF-8 a name may have.
    static let nameBytesMax = 255
    /// Holds the tags.
    static let tagsName = "recall-tags"
    /// Stands in front of the keys of metadata that is no attribute.
    static let metadataPrefix = "recall-metadata-"

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// Bytes in a frame: a name behind a byte of length, and a value behind a byte for its kind and four of length.
    var frameBytesCount: Int {
        let valueBytesCount =
            switch value {
            case .text(let text): text.utf8.count
            case .list(let texts): texts.reduce(0) { $0 + 5 + $1.utf8.count }
            }
        return 6 + name.utf8.count + valueBytesCount
    }

    /// All headers of an event. Metadata comes in the order of its keys' bytes.
    static func all(of event: RecordedEvent, source: String) -> [AMQPHeader] {
        var headers = CloudEventAttributes.attributes(of: event, source: source).map {
            AMQPHeader(CloudEventAttributes.prefix + $0.name, .text($0.value))
        }
        for (name, value) in event.metadata.sorted
        where !CloudEventAttributes.isAttribute(name.rawValue, value) {
            let key = name.rawValue
            let mayBeAttribute =
                CloudEventAttributes.isName(key) && CloudEventAttributes.isText(value)
                && !CloudEventAttributes.reservedNames.contains(key)
            headers.append(
                AMQPHeader(
                    (mayBeAttribute ? CloudEventAttributes.prefix : metadataPrefix) + key, .text(value)))
        }
        if !event.tags.isEmpty { headers.append(AMQPHeader(tagsName, .list(event.tags.map(\.rawValue)))) }
        return headers
    }
}
