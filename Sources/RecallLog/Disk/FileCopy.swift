// Bytes of a file in memory of our own, read by calls. What the medium does not give back is zeros there, and known: in a
// map, a look at such a byte is a signal that ends the program just when it is needed most.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A part of a file, as far as the medium gives it back. It is read once, and shows nothing that is written later.
package final class FileCopy: DiskMap {
    // A constant address. Nobody writes behind it once the copy is made.
    package nonisolated(unsafe) let base: UnsafeMutableRawPointer
    /// In bytes: fewer than were asked for where the file ends.
    package let count: Int
    /// What the medium did not give back, counted from the first byte of the copy; ascending, none touching the next.
    package let unreadable: [Range<Int>]
    /// Nothing but zeros follows from here on.
    package let dataEnd: Int

    /// What a call reads at most, in bytes, and what it is divided into, again and again, where the call fails. Few sizes: a
    /// medium that fails takes seconds for each call.
    private static let pieceSizes = [1 << 20, 64 << 10, 4096]

    /// Reads all that can be read.
    /// - Parameters:
    ///   - start: where the part begins in the file, in bytes.
    ///   - countMax: in bytes; less is copied where the file ends.
    ///   - pieceMin: what is zeros where it cannot be read, in bytes: a page, since a system reads no less for a call, or less
    ///     for what a sector of its own might save.
    /// - Throws: what the disk reports, other than that the medium failed.
    package init(
        _ file: any DiskFile, from start: Int = 0, upTo countMax: Int, pieceMin: Int = 4096
    ) throws(DiskError) {
        let count = max(0, min(countMax, try file.size() - start))
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        var reading = Reading(
            file: file, start: start, memory: memory,
            pieceSizes: Self.pieceSizes.filter { $0 > pieceMin } + [pieceMin])
        do throws(DiskError) { try reading.read(0 ..< count) } catch {
            memory.deallocate()
            throw error
        }
        guard let base = memory.baseAddress else {
            throw DiskError(call: "malloc", path: "the copy of a file", number: ENOMEM)
        }
        self.base = base
        self.count = count
        unreadable = reading.unreadable
        dataEnd = reading.dataEnd
    }

    deinit { base.deallocate() }

    /// Reads a file through and keeps nothing but what the medium does not give back, in bytes of the file; ascending.
    package static func unreadable(in file: any DiskFile) throws(DiskError) -> [Range<Int>] {
        let size = try file.size()
        let pieceSize = 1 << 20
        var found: [Range<Int>] = []
        var offset = 0
        while offset < size {
            for range in try FileCopy(file, from: offset, upTo: pieceSize).unreadable {
                found.appendJoined(offset + range.lowerBound ..< offset + range.upperBound)
            }
            offset += pieceSize
        }
        return found
    }

    /// Lends all bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The memory lives as long as self, which lives through this call.
        try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    package func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        throw DiskError(call: "write", path: "the copy of a file", number: EINVAL)
    }

    /// A copy in the making.
    private struct Reading {
        let file: any DiskFile
        let start: Int
        let memory: UnsafeMutableRawBufferPointer
        /// Descending.
        let pieceSizes: [Int]
        var unreadable: [Range<Int>] = []
        var dataEnd = 0

        /// Reads a range in the largest pieces that are smaller than it, or of one that was read in vain.
        mutating func read(_ range: Range<Int>, inPiecesOf given: Int? = nil) throws(DiskError) {
            let size = given ?? pieceSizes.first ?? range.count
            var offset = range.lowerBound
            while offset < range.upperBound {
                // Pieces begin at multiples of their size in the file, as the pages of the medium do.
                let end = min(range.upperBound, (start + offset) / size * size + size - start)
                try readPiece(offset ..< end)
                offset = end
            }
        }

        private mutating func readPiece(_ piece: Range<Int>) throws(DiskError) {
            let part = UnsafeMutableRawBufferPointer(rebasing: memory[piece])
            do throws(DiskError) {
                let done = try file.read(into: part, at: start + piece.lowerBound)
                Self.clear(part, from: done)
                if !Self.isZero(part) { dataEnd = piece.upperBound }
            } catch {
                guard error.isMediaFailure else { throw error }
                if let smaller = pieceSizes.first(where: { $0 < piece.count }) {
                    return try read(piece, inPiecesOf: smaller)
                }
                Self.clear(part, from: 0)
                unreadable.appendJoined(piece)
            }
        }

        private static func clear(_ part: UnsafeMutableRawBufferPointer, from offset: Int) {
            guard let base = part.baseAddress, offset < part.count else { return }
            (base + offset).initializeMemory(as: UInt8.self, repeating: 0, count: part.count - offset)
        }

        private static func isZero(_ part: UnsafeMutableRawBufferPointer) -> Bool {
            guard let base = part.baseAddress, let first = part.first else { return true }
            // Each byte is the one before it, and the first is zero.
            return first == 0 && memcmp(base, base + 1, part.count - 1) == 0
        }
    }
}

extension [Range<Int>] {
    /// Adds a range that begins no earlier than the last one, to that where the two touch.
    mutating func appendJoined(_ range: Range<Int>) {
        guard let last, last.upperBound >= range.lowerBound else { return append(range) }
        self[count - 1] = last.lowerBound ..< Swift.max(last.upperBound, range.upperBound)
    }
}
