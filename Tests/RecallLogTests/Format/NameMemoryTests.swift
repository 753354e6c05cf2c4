// Names that come again and again are kept, and given again only to the very same bytes.

import RecallLog
import Testing

@Suite struct NameMemoryTests {
    private func read(_ names: [String]) throws -> [String] {
        var memory = NameMemory()
        return try names.map { name in
            let bytes = Array(name.utf8)
            return try memory.string(0 ..< bytes.count, bytes.span.bytes)
        }
    }

    /// All of one length, with the same first, middle and last byte, by which the place is chosen.
    @Test func namesThatLookAlikeStayApart() throws {
        let names = ["OrderPlaced", "OtherPlaced", "OxyerPlaced", "OrderPQaced", "OrderPlaned"]
        #expect(try read(names + names.reversed()) == names + names.reversed())
    }

    @Test func namesComeBackAsTheyAre() throws {
        let names = [
            "", "a", "é", "e\u{301}", String(repeating: "x", count: 64), String(repeating: "y", count: 65),
        ]
        #expect(try read(names + names).map { Array($0.utf8) } == (names + names).map { Array($0.utf8) })
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        var memory = NameMemory()
        let bytes: [UInt8] = [0x61, 0xFF, 0x62]
        #expect(throws: FormatError.self) { _ = try memory.string(0 ..< 3, bytes.span.bytes) }
    }
}
