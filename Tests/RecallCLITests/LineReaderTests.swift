// Lines come out whole, however the bytes came in, and never longer than allowed.

import Foundation
import Testing

@testable import RecallCLI

@Suite struct LineReaderTests {
    /// Reads all lines of `bytes`, which arrive in pieces of `pieceBytes`.
    private func lines(
        _ bytes: [UInt8], pieceBytes: Int, lineBytesMax: Int = 1 << 20, stop: StopRequest? = nil
    ) throws -> [[UInt8]] {
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting
        let thread = Thread {
            var rest = bytes[...]
            while !rest.isEmpty {
                try? writer.write(contentsOf: Data(rest.prefix(pieceBytes)))
                rest = rest.dropFirst(pieceBytes)
            }
            try? writer.close()
        }
        thread.start()
        defer {
            // Lets the writing thread end where reading stopped early.
            _ = try? pipe.fileHandleForReading.readToEnd()
        }
        var reader = LineReader(
            descriptor: pipe.fileHandleForReading.fileDescriptor, lineBytesMax: lineBytesMax, stop: stop)
        var result: [[UInt8]] = []
        while let line = try reader.next({ line in line.withUnsafeBufferPointer { Array($0) } }) {
            result.append(line)
        }
        return result
    }

    @Test(arguments: [1, 3, 1000, 1 << 20])
    func linesAreWholeHoweverTheyArrive(_ pieceBytes: Int) throws {
        let expected = ["", "a", "", String(repeating: "x", count: 3000), "last"].map { Array($0.utf8) }
        let bytes = Array(expected.joined(separator: [0x0A]))
        #expect(try lines(bytes, pieceBytes: pieceBytes) == expected)
        #expect(try lines(bytes + [0x0A], pieceBytes: pieceBytes) == expected)
    }

    @Test func linesLongerThanAReadAreWhole() throws {
        let expected = (0 ..< 5).map { [UInt8](repeating: 0x61 + UInt8($0), count: 150_000 + $0) }
        let bytes = Array(expected.joined(separator: [0x0A]))
        #expect(try lines(bytes, pieceBytes: 10_000) == expected)
    }

    @Test(arguments: [true, false])
    func aLineMayBeAsLongAsAllowedAndNoLonger(_ hasLineFeed: Bool) throws {
        let end: [UInt8] = hasLineFeed ? [0x0A] : []
        let allowed = [UInt8](repeating: 0x61, count: 100_000)
        #expect(try lines(allowed + end, pieceBytes: 7000, lineBytesMax: 100_000) == [allowed])
        #expect(throws: LineReader.LineTooLong.self) {
            try lines(allowed + [0x61] + end, pieceBytes: 7000, lineBytesMax: 100_000)
        }
    }

    @Test func noInputHasNoLines() throws {
        #expect(try lines([], pieceBytes: 1).isEmpty)
    }

    @Test func aStopRequestEndsReading() throws {
        let stop = try StopRequest()
        stop.stop(by: 15)
        #expect(try lines(Array("a\nb".utf8), pieceBytes: 10, stop: stop).isEmpty)
        #expect(stop.signal == 15)
    }
}
