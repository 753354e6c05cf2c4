// What our encoder makes of a body, liblz4 must decode to that body, with every dictionary and effort.

import RecallLog
import RecallTestKit
import Testing

@Suite struct PreparedDictionaryTests {
    /// Bytes that repeat themselves, and pieces of `other`.
    private static func bytes(
        _ count: Int, from alphabetCount: Int, and other: [UInt8], _ random: inout SeededGenerator
    ) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < count {
            let isPiece = !other.isEmpty && Int.random(in: 0 ..< 4, using: &random) == 0
            guard isPiece else {
                result.append(
                    UInt8(ascii: "a") + UInt8.random(in: 0 ..< UInt8(alphabetCount), using: &random))
                continue
            }
            let start = Int.random(in: 0 ..< other.count, using: &random)
            let end = min(other.count, start + Int.random(in: 1 ... 80, using: &random))
            result += other[start ..< end].prefix(count - result.count)
        }
        return result
    }

    @Test(arguments: [PreparedDictionary.Effort.fast, .dense], 1 ... 40 as ClosedRange<UInt64>)
    func bodyComesBackAsItWas(effort: PreparedDictionary.Effort, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let dictionaryCount =
            seed % 5 == 0 ? Format.dictionaryBytesMax : Int.random(in: 1 ... 3000, using: &random)
        let content = Self.bytes(dictionaryCount, from: 1 + Int(seed % 7), and: [], &random)
        let made = PreparedDictionary(content.span.bytes, segmentNumber: 1)
        let dictionary = try #require(made)
        for _ in 0 ..< 20 {
            let count = Int.random(
                in: 0 ... (seed % 3 == 0 ? Format.dictionaryBodySizeMax : 500), using: &random)
            let body = Self.bytes(count, from: 1 + Int(seed % 7), and: content, &random)
            var packed = ByteWriter()
            guard dictionary.compress(body.span.bytes, effort: effort, to: &packed) else {
                #expect(packed.count == 0)
                continue
            }
            #expect(packed.count < body.count)
            var unpacked = [UInt8](repeating: 0, count: body.count + LZ4.room)
            let isWhole = unpacked.withUnsafeMutableBytes { buffer in
                packed.withBytes {
                    LZ4.decompress($0, dictionary: content.span.bytes, size: body.count, into: buffer)
                }
            }
            #expect(isWhole && Array(unpacked.prefix(body.count)) == body, "seed \(seed), \(count) bytes")
        }
    }

    @Test func bodyLikeTheDictionaryTakesAFewBytes() throws {
        let text = #"{"orderNumber":7,"customer":"Philip Fry","city":"New New York","item":"popplers"}"#
        let content = Array(String(repeating: "x", count: 300).utf8) + Array(text.utf8)
        let made = PreparedDictionary(content.span.bytes, segmentNumber: 1)
        let dictionary = try #require(made)
        for effort in [PreparedDictionary.Effort.fast, .dense] {
            var packed = ByteWriter()
            let isSmaller = dictionary.compress(Array(text.utf8).span.bytes, effort: effort, to: &packed)
            #expect(isSmaller && packed.count < 16)
        }
    }

    @Test func whatDoesNotGetSmallerIsLeftAlone() throws {
        var random = SeededGenerator(seed: 1)
        let content = [UInt8](repeating: 1, count: 64)
        let made = PreparedDictionary(content.span.bytes, segmentNumber: 1)
        let dictionary = try #require(made)
        let noise = (0 ..< 400).map { _ in UInt8.random(in: 2 ... 255, using: &random) }
        for effort in [PreparedDictionary.Effort.fast, .dense] {
            var packed = ByteWriter()
            let isSmaller = dictionary.compress(noise.span.bytes, effort: effort, to: &packed)
            #expect(!isSmaller && packed.count == 0)
        }
    }

    @Test func emptyOrTooLargeDictionaryIsNone() {
        for count in [0, Format.dictionaryBytesMax + 1] {
            let content = [UInt8](repeating: 0, count: count)
            let made = PreparedDictionary(content.span.bytes, segmentNumber: 1)
            #expect(made == nil)
        }
    }
}
