// The scanner takes what RFC 8259 takes and refuses the rest, and gives back places, not copies.

import Testing

@testable import Recall

@Suite struct JSONScannerTests {
    private func isValue(_ bytes: [UInt8]) -> Bool { JSONScanner.isValue(bytes.span) }

    @Test(arguments: [
        "0", "-0", "1", "-1", "123456789012345678901234567890", "1e400", "1E+4", "1e-4", "0.1", "-0.0e0",
        "true", "false", "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"é\u{1F600}\u{7F}\u{2028}\"", "[]", "[ ]", "{}", "{ }",
        "[1,2]", " [ 1 , 2 ] ", "{\"a\":1}", "{\"a\":1,\"a\":2}", "\t{\r\n\"a\" : [ { } ] }\n", "[[[[]]]]",
        "{\"\":{\"\":{}}}",
    ])
    func validDocumentsAreTaken(_ text: String) {
        #expect(isValue(Array(text.utf8)))
    }

    @Test(arguments: [
        "", " ", "+1", "01", "-", "-01", "1.", ".1", "1e", "1e+", "1.e1", "0x1", "NaN", "Infinity", "1 2",
        "tru", "truth", "True", "nul", "falsehood", "'a'", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\\", "\"\n\"", "\"\u{1}\"", "\"\t\"", "[", "]", "[1", "[1,", "[1,]", "[,1]",
        "[1 2]",
        "[1}", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{,}", "[1],", "//", "[1/**/]", "\u{FEFF}1", "1\u{0}",
        "\u{0C}1", "\u{A0}1",
    ])
    func invalidDocumentsAreRefused(_ text: String) {
        #expect(!isValue(Array(text.utf8)))
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func depthIsBounded(_ open: String, _ close: String) {
        func nested(_ depth: Int) -> [UInt8] {
            let inner = open == "[" ? "" : "1"
            let text =
                String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
            return Array(text.utf8)
        }
        #expect(isValue(nested(JSONScanner.depthMax)))
        #expect(!isValue(nested(JSONScanner.depthMax + 1)))
        #expect(!isValue(nested(200_000)))
    }

    @Test(arguments: [
        ("\"\"", ""), ("\"abc\"", "abc"), ("\"a\\\"b\"", "a\"b"),
        ("\"\\b\\f\\n\\r\\t\\/\\\\\"", "\u{8}\u{C}\n\r\t/\\"),
        ("\"\\u0041\\u00e9\\u20AC\"", "Aé€"), ("\"\\ud83d\\uDE00\"", "\u{1F600}"), ("\"\\u0000\"", "\0"),
        ("\"é\u{1F600}\"", "é\u{1F600}"), ("\"\\uFFFF\"", "\u{FFFF}"),
        ("\"x\\udbff\\udfffy\"", "x\u{10FFFF}y"),
    ])
    func stringsAreDecoded(_ text: String, _ expected: String) throws {
        var scanner = JSONScanner()
        let bytes = Array(text.utf8)
        let decoded = try scanner.readString(bytes.span)
        #expect(decoded == expected)
        #expect(decoded.utf8.elementsEqual(expected.utf8))
        #expect(scanner.index == bytes.count)
    }

    @Test(arguments: [
        "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\"", "\"\\ude00\\ud83d\"", "\"\\ud83d\\u\"",
    ])
    func lonelySurrogatesAreRefusedWhereTextIsNeeded(_ text: String) {
        #expect(throws: JSONFailure.self) {
            var scanner = JSONScanner()
            _ = try scanner.readString(Array(text.utf8).span)
        }
    }

    @Test func aValueIsFoundWhereItStands() throws {
        let text = "  {\"a\": [1, \"]\"]} ,x"
        var scanner = JSONScanner()
        let range = try scanner.skipValue(Array(text.utf8).span)
        #expect(range == 2 ..< 17)
    }

    @Test(arguments: [
        ("{ \"a\" : [ 1 , \"x y\\\" z\" ] ,\n\"b\":{ } }", "{\"a\":[1,\"x y\\\" z\"],\"b\":{}}"),
        ("\r\n 1e400 \n", "1e400"), ("\"\\\\\" \n", "\"\\\\\""),
    ])
    func compactingRemovesInsignificantWhiteSpaceOnly(_ text: String, _ expected: String) {
        var buffer: [UInt8] = []
        JSONText.appendCompact(Array(text.utf8).span, to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == expected)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_234_567_890, UInt64.max])
    func numbersAreWritten(_ value: UInt64) {
        var buffer: [UInt8] = Array("x".utf8)
        JSONText.append(value, to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == "x\(value)")
    }

    @Test func stringsAreWrittenWithTheEscapesTheyNeed() {
        var buffer: [UInt8] = []
        JSONText.append("a\"\\/\u{8}\t\n\u{C}\r\u{1}\u{1F}\u{7F}é\u{1F600}", to: &buffer)
        #expect(
            String(decoding: buffer, as: UTF8.self)
                == "\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\u{7F}é\u{1F600}\"")
    }
}
