// The decoder for small blocks: what the encoder writes comes back, and no other block does harm.

import Foundation
import RecallLog
import RecallTestKit
import Testing

@Suite struct SmallBlockTests {
    private static func text(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += Array("{\"name\":\"\(generator.next() % 40)\",\"amount\":\(generator.next() % 9)}".utf8)
            if generator.next() % 5 == 0 {
                bytes += Array(repeating: 0x61, count: Int(generator.next() % 40))
            }
        }
        return Array(bytes.prefix(count))
    }

    private static func decompress(_ block: [UInt8], _ dictionary: [UInt8], size: Int) -> [UInt8]? {
        var room = [UInt8](repeating: 0xEE, count: size + LZ4.room + 16)
        let isWhole = room.withUnsafeMutableBytes { room in
            LZ4.decompress(
                block.span.bytes, dictionary: dictionary.span.bytes, size: size,
                into: UnsafeMutableRawBufferPointer(rebasing: room.dropLast(16)))
        }
        // Nothing behind the room that was granted.
        #expect(room.suffix(16).allSatisfy { $0 == 0xEE })
        return isWhole ? Array(room.prefix(size)) : nil
    }

    @Test(arguments: 1 ... 20 as ClosedRange<UInt64>)
    func blockComesBackAsItWas(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dictionary = Self.text(Int(generator.next() % 9000) + 100, &generator)
        let made = PreparedDictionary(dictionary.span.bytes, segmentNumber: 1)
        let prepared = try #require(made)
        for _ in 0 ..< 50 {
            let source = Self.text(Int(generator.next() % 3000) + 20, &generator)
            var writer = ByteWriter()
            guard prepared.compress(source.span.bytes, effort: .dense, to: &writer) else { continue }
            let block = writer.withBytes { $0.withUnsafeBytes { Array($0) } }
            #expect(Self.decompress(block, dictionary, size: source.count) == source)
            #expect(Self.decompress(block, dictionary, size: source.count - 1) == nil)
            #expect(Self.decompress(block, dictionary, size: source.count + 1) == nil)
            #expect(Self.decompress(Array(block.dropLast()), dictionary, size: source.count) != source)
        }
    }

    @Test(arguments: 1 ... 20 as ClosedRange<UInt64>)
    func damagedBlockStaysInsideItsRoom(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dictionary = Self.text(300, &generator)
        for _ in 0 ..< 500 {
            let block = (0 ..< Int(generator.next() % 120)).map { _ in
                UInt8(truncatingIfNeeded: generator.next())
            }
            _ = Self.decompress(block, dictionary, size: Int(generator.next() % 400))
        }
    }
}
