// Short rounds in which all take turns, each first as often as the others. A disk's speed and other programs' share of
// the processor drift within seconds, so only rounds side by side can be compared.

/// Who takes part, and what each round gave.
package struct Contest<Name: Hashable> {
    /// One who takes part.
    package struct Contestant {
        package let name: Name
        /// Works for one round, whose number is given, and returns how much was done a second.
        package let work: (Int) async throws -> Double

        package init(_ name: Name, _ work: @escaping (Int) async throws -> Double) {
            self.name = name
            self.work = work
        }
    }

    /// In order of the rounds.
    package private(set) var rates: [Name: [Double]] = [:]

    /// Holds the contest.
    /// - Parameter prepare: is called before each round.
    package init(
        roundCount: Int, prepare: (Int) throws -> Void = { _ in }, _ contestants: [Contestant]
    ) async throws {
        for round in 0 ..< roundCount {
            try prepare(round)
            for place in contestants.indices {
                let contestant = contestants[(place + round) % contestants.count]
                rates[contestant.name, default: []].append(try await contestant.work(round))
            }
        }
    }

    /// The median over the rounds of each one's rate.
    package var medians: [Name: Double] { rates.mapValues(\.median) }

    /// The median over the rounds of one's rate, divided by each other's rate in the same round.
    package func ratios(of name: Name) -> [Name: Double] {
        guard let own = rates[name] else { return [:] }
        return rates.filter { $0.key != name }.mapValues { others in zip(own, others).map(/).median }
    }
}
