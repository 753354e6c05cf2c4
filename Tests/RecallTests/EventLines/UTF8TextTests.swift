// Lines were checked by a type of the standard library that asks for the systems of 2025; what checks them now has to find the same
// faults in the same places. A line that passes wrongly is stored and never changed again.

import Foundation
import Recall
import RecallTestKit
import Testing

@Suite struct UTF8TextTests {
    private func firstFault(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { UTF8Text.firstFault(in: $0.span) }
    }

    @Test(
        arguments: [
            ("", nil), ("plain text of some words", nil),
            ("\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", nil),
            ("ein Stück \u{1F680} in der Mitte", nil),
        ] as [(String, Int?)])
    func textPasses(_ text: String, fault: Int?) {
        #expect(firstFault(Array(text.utf8)) == fault)
    }

    /// After eight and after nine bytes of ASCII, so that both ways of reading meet each of them.
    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80],
            [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF1, 0x80, 0x80],
            [0xF1, 0x80, 0x80, 0xC0], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func faultIsFoundWhereItBegins(_ sequence: [UInt8]) {
        for before in [0, 8, 9] {
            let text = Array("123456789".utf8.prefix(before))
            #expect(firstFault(text + sequence) == before)
            #expect(firstFault(text + sequence + Array("and more".utf8)) == before)
        }
    }

    @Test func standardLibraryAgrees() {
        var generator = SeededGenerator(seed: 1)
        let parts: [[UInt8]] = [
            [0x41], [0x7F], [0xC3, 0xA4], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x9A, 0x80], [0x80], [0xE2],
            [0xF4], [0xED, 0xA0],
        ]
        var faultCount = 0
        for _ in 0 ..< 20_000 {
            let count = Int.random(in: 0 ... 12, using: &generator)
            let bytes = (0 ..< count).flatMap { _ in
                // Mostly what is whole.
                parts[
                    Int.random(
                        in: 0 ..< (Bool.random(using: &generator) ? 5 : parts.count), using: &generator)]
            }
            let fault = firstFault(bytes)
            #expect((fault == nil) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
            if let fault {
                faultCount += 1
                #expect(String(validating: bytes[..<fault], as: UTF8.self) != nil, "\(bytes)")
            }
        }
        #expect(faultCount > 1_000 && faultCount < 19_000)
    }
}
