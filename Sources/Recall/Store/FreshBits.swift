// Bits for new event ids, from any number of threads without a lock.
//
// The system's random numbers cost a call to the kernel each (measured: 0.4 µs, and 5.4 µs for a whole
// `UUID()`), so it is asked once in a process. From then on a counter goes through a permutation whose key
// only this process has.
//
// Invariants: no two calls give the same 128 bits, since no two have the same count. A copy of the process
// (a fork, a virtual machine that is resumed twice) counts on from the same number under the same key; it
// gives other bits because the time goes in too.

internal import Synchronization

/// Gives bits that look random and do not come twice.
final class FreshBits: Sendable {
    static let shared = FreshBits()

    private let key: UInt64
    private let count: Atomic<UInt64>

    private init() {
        var generator = SystemRandomNumberGenerator()
        key = generator.next()
        count = Atomic(generator.next())
    }

    /// The next 128 bits.
    func next(at time: Timestamp) -> (UInt64, UInt64) {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return Philox.permute((number, UInt64(bitPattern: time.microsecondsSince1970)), key: key)
    }
}
