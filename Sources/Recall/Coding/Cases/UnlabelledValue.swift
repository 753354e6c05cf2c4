// The value of a case that has no label, which the compiler stores under a key of its own. Alone in its case it is what payload structs
// are, and is stored as they are.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What holds for values without a label, in both directions.
enum UnlabelledValue {
    /// The key that the compiler gives to the first value of a case where that has no label; nil where it has one.
    static func key<Key: CodingKey>(_ type: Key.Type) -> Key? { Key(stringValue: "_0") }

    /// Whether codecs have a form of their own for a type, so that its own coding is not asked for.
    static func isWrittenByCodec(_ type: any Any.Type) -> Bool {
        switch ObjectIdentifier(type) {
        case ObjectIdentifier(Date.self), ObjectIdentifier(Data.self), ObjectIdentifier(Decimal.self),
            ObjectIdentifier(URL.self), ObjectIdentifier(UUID.self), ObjectIdentifier(JSONValue.self),
            ObjectIdentifier(JSONNumber.self):
            true
        default: false
        }
    }
}
