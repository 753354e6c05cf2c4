// New event ids: UUIDs of version 7 (RFC 9562, section 5.7), which begin with the time at which they were
// made.
//
//     48 bits: milliseconds since 1970 | 4 bits: version 7 | 12 random | 2 bits: variant 0b10 | 62 random
//
// Every append asks whether its event ids are stored already. A store that keeps the least and the greatest
// id of each of its files sees from a new time-ordered id that no older file holds it, and looks into none;
// a random id would have to be looked for in all of them. And ids that begin alike take less room together:
// 74 bits, beside a time, are all that tells two of them apart, so that a log can store one in 10 bytes.
//
// An id tells when it was made, and the next one can be guessed by whoever has seen enough of them: it
// names an event and is no secret.

extension EventID {
    /// A new identity that is ordered by time: greater than all that were made in an earlier millisecond
    /// of the system's clock, in whichever process.
    ///
    /// Takes no lock, memory or system call for random bits, since one is made for each event. Where ids must
    /// not be guessed, use `init(timeOrderedAt:using:)` with a `SystemRandomNumberGenerator`.
    public init() {
        let now = WallClock.system.now()
        self.init(timeOrderedAt: now, bits: FreshBits.shared.next(at: now))
    }

    /// An identity that is ordered by a given time, random otherwise.
    /// - Parameters:
    ///   - time: a moment, cut to whole milliseconds; before 1970 it counts as 1970, and behind the last
    ///     millisecond that 48 bits can count, in the year 10889, as that.
    ///   - generator: gives the 74 other bits: two of its numbers are used.
    public init(timeOrderedAt time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let first = generator.next()
        self.init(timeOrderedAt: time, bits: (first, generator.next()))
    }

    /// The moment that the identity is ordered by, in whole milliseconds; nil where it is a UUID of another
    /// version than 7.
    public var timeOrderedAt: Timestamp? {
        let (high, low) = halves
        guard (high >> 12) & 0xF == 7, low >> 62 == 0b10 else { return nil }
        return Timestamp(microsecondsSince1970: Int64(high >> 16) * 1000)
    }

    /// - Parameter bits: of the first the low 12 are used, of the second the low 62.
    private init(timeOrderedAt time: Timestamp, bits: (UInt64, UInt64)) {
        let milliseconds = UInt64(max(0, time.microsecondsSince1970)) / 1000
        self.init(
            high: min(milliseconds, 1 << 48 - 1) << 16 | 7 << 12 | bits.0 & 0xFFF,
            low: 0b10 << 62 | bits.1 & (1 << 62 - 1))
    }
}
