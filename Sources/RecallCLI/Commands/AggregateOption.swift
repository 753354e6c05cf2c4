// UUIDs of aggregates, as commands take them.

import Recall

enum AggregateOption {
    /// - Parameter option: what the user wrote it for, such as `--aggregate`.
    /// - Throws: `CommandFailure` where the text is no UUID.
    static func parse(_ text: String, of option: String) throws(CommandFailure) -> AggregateID {
        let bytes = ContiguousArray(text.utf8)
        guard let uuid = UUIDText.parse(bytes.span) else {
            throw CommandFailure(
                .badInput, "\(option) is no UUID; give one such as 6f9619ff-8b86-d011-b42d-00c04fc964ff.")
        }
        return AggregateID(uuid)
    }
}
