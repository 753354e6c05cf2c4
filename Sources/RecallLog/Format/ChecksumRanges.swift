// The checksum of any part of some bytes, in a time that does not depend on its size.
//
// Behind damage a frame may begin at any byte and claim any size. Bytes that somebody chose make each of them claim all that
// follows, and to compute what each claims would take days for one segment. But CRCs are linear: that of a part is made of
// those of what lies before its begin and before its end. These are kept for each 64 bytes, each of which is read once.

/// Checksums of parts of bytes that begin at one place.
package struct ChecksumRanges {
    /// From one checksum that is kept to the next, in bytes.
    static let strideSize = 64
    private static let polynomial: UInt32 = 0x82F6_3B78
    /// What leaves a checksum as it is: 1, as reflected polynomials are written.
    private static let one: UInt32 = 1 << 31
    private static let lowBitCount = 12

    private let start: Int
    /// The checksum of what lies before each stride.
    private var before: [UInt32] = [0]
    /// What so many bytes of zeros make of a checksum: of 0 to 4095 bytes, and of multiples of 4096.
    private var lowPowers: [UInt32] = []
    private var highPowers: [UInt32] = []
    /// How many bytes were read for all checksums together.
    private(set) var readByteCount = 0

    /// - Parameter start: where the first part may begin.
    package init(from start: Int) { self.start = start }

    /// The checksum of a part, behind others whose checksum is `seed`.
    /// - Parameter range: of `bytes`, from `start` on.
    package mutating func checksum(_ bytes: RawSpan, _ range: Range<Int>, after seed: UInt32) -> UInt32 {
        let first = checksum(bytes, upTo: range.lowerBound)
        let last = checksum(bytes, upTo: range.upperBound)
        return behindZeros(seed ^ first, count: range.count) ^ last
    }

    /// The checksum from the start up to an offset.
    private mutating func checksum(_ bytes: RawSpan, upTo end: Int) -> UInt32 {
        let index = (end - start) / Self.strideSize
        while before.count <= index {
            let offset = start + (before.count - 1) * Self.strideSize
            readByteCount += Self.strideSize
            before.append(
                Checksum.crc32c(
                    bytes.extracting(offset ..< offset + Self.strideSize), after: before[before.count - 1]))
        }
        let offset = start + index * Self.strideSize
        guard offset < end else { return before[index] }
        readByteCount += end - offset
        return Checksum.crc32c(bytes.extracting(offset ..< end), after: before[index])
    }

    /// What a checksum becomes when so many bytes of zeros follow, without initial and final value.
    private mutating func behindZeros(_ checksum: UInt32, count: Int) -> UInt32 {
        if lowPowers.isEmpty {
            lowPowers = Self.powers(count: 1 << Self.lowBitCount) { power in
                (0 ..< 8).reduce(power) { value, _ in
                    value & 1 == 0 ? value >> 1 : value >> 1 ^ Self.polynomial
                }
            }
            highPowers = [Self.one]
        }
        let high = count >> Self.lowBitCount
        if highPowers.count <= high {
            let step = Self.product(lowPowers[lowPowers.count - 1], lowPowers[1])
            while highPowers.count <= high {
                highPowers.append(Self.product(highPowers[highPowers.count - 1], step))
            }
        }
        let low = Self.product(lowPowers[count & ((1 << Self.lowBitCount) - 1)], checksum)
        return high == 0 ? low : Self.product(highPowers[high], low)
    }

    private static func powers(count: Int, _ next: (UInt32) -> UInt32) -> [UInt32] {
        var powers = [one]
        powers.reserveCapacity(count)
        for _ in 1 ..< count { powers.append(next(powers[powers.count - 1])) }
        return powers
    }

    /// The product of two polynomials over bits, modulo that of the checksum.
    private static func product(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var (left, right, sum) = (left, right, UInt32(0))
        while left != 0 {
            if left & one != 0 { sum ^= right }
            left <<= 1
            right = right & 1 == 0 ? right >> 1 : right >> 1 ^ polynomial
        }
        return sum
    }
}
