// Which optional fields a record has. docs/format.md, "record".

/// The bits of a record's `fields` byte.
package struct RecordFlags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let time = RecordFlags(rawValue: 1 << 0)
    package static let schemaVersion = RecordFlags(rawValue: 1 << 1)
    package static let contentType = RecordFlags(rawValue: 1 << 2)
    package static let metadata = RecordFlags(rawValue: 1 << 3)
    package static let tags = RecordFlags(rawValue: 1 << 4)
    package static let known: RecordFlags = [.time, .schemaVersion, .contentType, .metadata, .tags]
}
