// How many bytes of one answer are gathered before it is given up. The bound is far above what a server of the store sends, and below
// what a memory holds.

import Testing

@testable import RecallRedis

@Suite struct RedisReplyBoundTests {
    /// An answer that never ends: a string of a length that the protocol allows, fed in pieces.
    @Test func anAnswerThatNeverEndsIsGivenUp() throws {
        var reader = try ReplyReader(bytesMax: 1 << 20)
        let head = Array("$500000000\r\n".utf8)
        try head.withUnsafeBytes { try reader.feed($0) }
        let piece = [UInt8](repeating: 0x61, count: 256 << 10)
        for _ in 0 ..< 3 {
            try piece.withUnsafeBytes { try reader.feed($0) }
            #expect(try reader.next() == nil)
        }
        let failure = #expect(throws: RedisFailure.self) {
            for _ in 0 ..< 2 { try piece.withUnsafeBytes { try reader.feed($0) } }
        }
        guard case .connection(let what, mayHaveRun: true) = failure else {
            Issue.record("It failed with \(String(describing: failure)).")
            return
        }
        #expect(what.contains("more than 1048576 bytes for one answer"))
    }

    /// What was taken out makes room again.
    @Test func answersOneAfterTheOtherAreNotCountedTogether() throws {
        var reader = try ReplyReader(bytesMax: 1000)
        let answer = Array("$500\r\n".utf8) + [UInt8](repeating: 0x61, count: 500) + Array("\r\n".utf8)
        for _ in 0 ..< 10 {
            try answer.withUnsafeBytes { try reader.feed($0) }
            #expect(try reader.next()?.bytes?.count == 500)
        }
    }
}
