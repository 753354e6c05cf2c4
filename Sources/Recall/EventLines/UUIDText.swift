// UUIDs as text, straight from and to bytes: for each event a line has two or three of them.

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

package enum UUIDText {
    /// Where the hyphens stand among the 36 characters.
    private static func isHyphen(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    /// The UUID that `text` spells as 8-4-4-4-12 digits; nil for anything else.
    package static func parse(_ text: Span<UInt8>) -> UUID? {
        guard text.count == 36 else { return nil }
        var bytes = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).uuid
        let isWhole = withUnsafeMutableBytes(of: &bytes) { bytes in
            var digitIndex = 0
            for index in 0 ..< 36 {
                let byte = text[index]
                if isHyphen(index) {
                    if byte != UInt8(ascii: "-") { return false }
                    continue
                }
                guard let value = Hexadecimal.value(of: byte) else { return false }
                bytes[digitIndex / 2] = bytes[digitIndex / 2] << 4 | value
                digitIndex += 1
            }
            return true
        }
        return isWhole ? UUID(uuid: bytes) : nil
    }

    /// Appends the 36 characters of a UUID in lower case.
    package static func append(_ uuid: UUID, to buffer: inout [UInt8]) {
        var bytes = uuid.uuid
        withUnsafeBytes(of: &bytes) { bytes in
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    buffer.append(UInt8(ascii: "-"))
                }
                buffer.append(Hexadecimal.digit(for: byte >> 4))
                buffer.append(Hexadecimal.digit(for: byte))
            }
        }
    }
}
