// The readers of bytes from disk, each behind one function that takes any bytes at all: what the fuzz
// targets in Fuzz/ feed, and what a test runs every file of their corpus through.
//
// A checksum keeps a mutation from reaching what lies behind it, so the first byte of each input says
// whether the checksums are made to hold again before the reader sees the bytes.

internal import Recall
internal import RecallLog

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Runs a reader of stored bytes on bytes that nobody vouches for, and checks what it answers.
///
/// Each probe returns where the reader kept its promises, whether it accepted the bytes or refused them.
/// An input is a byte that chooses the mode (its two low bits: 0 leaves the bytes as they are, all others
/// make checksums hold), followed by what the probe describes.
public enum ReaderProbe {
    /// How an input's bytes become what the reader sees.
    enum Mode: UInt8 {
        case raw = 0
        /// Checksums, and what ties the bytes to their store, are made to hold.
        case checksummed = 1
        /// Frames only: the input is a list of bodies, which get the common part of a frame each.
        case framed = 2
    }

    /// The first byte of an input.
    struct Control {
        let byte: UInt8

        var mode: Mode { Mode(rawValue: byte & 0b11) ?? .checksummed }
        /// Whether the segment begins at the end of what positions, times and epochs can be.
        var isAtTheLimit: Bool { byte & 0b100 != 0 }
        /// How many positions the next segment begins behind the last event.
        var successorDistance: UInt64 { UInt64(byte >> 4) }
    }

    static let storeID = RawIdentifier(high: 0x5EED_0000_0000_0001, low: 0x8000_0000_0000_0001)

    /// The header of the segment that frames are put behind.
    static func segment(isAtTheLimit: Bool = false, hasDictionary: Bool = false) -> SegmentHeader {
        var header = SegmentHeader(
            storeID: storeID, number: 1, salt: 0xC0FF_EE42, epoch: isAtTheLimit ? .max - 2 : 1,
            firstPosition: isAtTheLimit ? (.max >> 1) - 40 : 1, baseTime: isAtTheLimit ? .max - 2 : 0,
            capacity: Format.segmentBytesMin)
        if hasDictionary { ProbeDictionary.describe(in: &header) }
        return header
    }

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw ProbeFailure(message()) }
    }

    /// Whether bytes that somebody made may be answered so. Under a checksum that was made to hold, a frame may be one of a newer program.
    static func isExpected(_ error: StoreError) -> Bool {
        error.code == .damaged || error.code == .unsupported
    }

    /// The value that `body` returns; nil where it reports damage, which is an answer, too.
    static func unlessDamaged<Result>(
        _ what: String, _ body: () throws(StoreError) -> Result
    ) throws -> Result? {
        do throws(StoreError) {
            return try body()
        } catch {
            try require(isExpected(error), "\(what) failed in another way than by damage: \(error)")
            return nil
        }
    }
}

/// What a reader should have done with some bytes, and did not.
public struct ProbeFailure: LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// One sentence: what was expected, and what was found.
    public let message: String

    package init(_ message: String) { self.message = message }

    /// The message, as everything shows it that shows errors.
    public var errorDescription: String? { message }

    public var description: String { message }
}
