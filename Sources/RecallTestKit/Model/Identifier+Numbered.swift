// Identities that a test can name and repeat.

internal import Recall

extension Identifier {
    /// The identity with a number: the same number, the same identity.
    package init(number: UInt64) { self.init(high: 0, low: number) }

    /// An identity from a generator, so that a seed repeats it.
    package init(using generator: inout SeededGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }
}
